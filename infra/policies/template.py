"""The template as CloudFormation gets it, and the questions that the rules put to it."""

import json
import os
import re

os.environ.setdefault("AWS_DEFAULT_REGION", "us-east-1")  # the translator asks for a region, and calls nobody

import yaml
from samtranslator.translator.transform import transform
from samtranslator.yaml_helper import yaml_parse

from expand import expanded

INTEGRATIONS = "#/components/x-amazon-apigateway-integrations/"


def expand(path):
    """The template as CloudFormation gets it; each function's source folder becomes the key of its code."""
    read = lambda file: yaml.safe_load((path.parent / file).read_text(encoding="utf-8"))  # AWS refuses `!Ref` in it, too
    template = expanded(yaml_parse(path.read_text(encoding="utf-8")), read)
    for resource in template["Resources"].values():
        if resource["Type"] == "AWS::Serverless::Function":
            resource["Properties"]["CodeUri"] = f"s3://bucket/{resource['Properties']['CodeUri']}"
    parameters = {"JwtIssuer": "https://issuer.example", "JwtAudience": "audience"}
    return transform(template, parameters, NoManagedPolicies())


class NoManagedPolicies:
    """Stands in for the list that the translator would otherwise ask IAM for; we name managed policies by ARN."""

    def load(self):
        return {}


class Template:
    """The expanded template, and the questions that the rules put to it."""

    def __init__(self, document):
        self.document = document
        self.parameters = document["Parameters"]
        self.resources = document["Resources"]

    def properties(self, name):
        return self.resources[name].get("Properties", {})

    def of(self, kind):
        """Name and properties of every resource of a kind, in a fixed order."""
        names = sorted(name for name, resource in self.resources.items() if resource["Type"] == kind)
        return [(name, self.properties(name)) for name in names]

    def functions(self):
        return self.of("AWS::Lambda::Function")

    def schedules(self):
        return self.of("AWS::Scheduler::Schedule")

    def queue_consumers(self):
        """(mapping, its properties, function, queue) of every function that is fed by a queue."""
        queues = dict(self.of("AWS::SQS::Queue"))
        for name, mapping in self.of("AWS::Lambda::EventSourceMapping"):
            queue = pointed_at(mapping["EventSourceArn"])
            if queue in queues:
                yield name, mapping, pointed_at(mapping["FunctionName"]), queue

    def stream_consumers(self):
        """(mapping, its properties, function) of every function that reads a table's stream."""
        for name, mapping in self.of("AWS::Lambda::EventSourceMapping"):
            if pointed_at(mapping["EventSourceArn"]).endswith(".StreamArn"):
                yield name, mapping, pointed_at(mapping["FunctionName"])

    def routes(self):
        """(API, route, operation, function) of every route; an integration that leads nowhere has no function."""
        for name, api in self.of("AWS::ApiGatewayV2::Api"):
            integrations = api["Body"]["components"]["x-amazon-apigateway-integrations"]
            for path, methods in sorted(api["Body"]["paths"].items()):
                for method, operation in sorted(methods.items()):
                    integration = operation["x-amazon-apigateway-integration"].get("$ref", "").removeprefix(INTEGRATIONS)
                    uri = json.dumps(integrations.get(integration, {}).get("uri"))
                    function = re.search(r"/functions/\$\{(\w+)\.Arn\}/invocations", uri)
                    route = "$default" if operation.get("isDefaultRoute") else f"{method.upper()} {path}"
                    yield name, route, operation, function and function[1]

    def callers(self):
        """(permission, who, the API for which, function) of every function that another service may call."""
        for name, permission in self.of("AWS::Lambda::Permission"):
            source = re.search(r":\$\{(\w+)\}/\*$", permission.get("SourceArn", {}).get("Fn::Sub", ""))
            yield name, permission["Principal"], source and source[1], pointed_at(permission["FunctionName"])

    def granted(self, role):
        """Every (action, resource) that a role's policies allow, its own and those that name it."""
        documents = [policy["PolicyDocument"] for policy in self.properties(role).get("Policies", [])]
        documents += [grant["PolicyDocument"] for _, grant in self.grants(role)]
        return {
            (action, pointed_at(resource))
            for document in documents
            for statement in listed(document["Statement"])
            if statement["Effect"] == "Allow"
            for action in listed(statement.get("Action", "*"))  # NotAction grants the rest of the world
            for resource in listed(statement.get("Resource", "*"))
        }

    def grants(self, role):
        """Name and properties of every policy that is given to a role."""
        return [(name, grant) for name, grant in self.of("AWS::IAM::RolePolicy") if pointed_at(grant["RoleName"]) == role]

    def dead_letter_queues(self):
        targets = [queue.get("RedrivePolicy", {}).get("deadLetterTargetArn") for _, queue in self.of("AWS::SQS::Queue")]
        targets += [m.get("DestinationConfig", {}).get("OnFailure", {}).get("Destination") for _, m, _ in self.stream_consumers()]
        targets += [s["Target"].get("DeadLetterConfig", {}).get("Arn") for _, s in self.schedules()]
        return {pointed_at(target) for target in targets if target}

    def default_of(self, value):
        """A literal, or the default of the parameter that is referred to."""
        return self.parameters[value["Ref"]].get("Default") if isinstance(value, dict) else value


def pointed_at(value):
    """The resource that a Ref, GetAtt or Sub leads to, with what a Sub adds: `Table` or `Table/index/due`."""
    match value:
        case {"Ref": name}:
            return name
        case {"Fn::GetAtt": [name, "StreamArn"]}:
            return f"{name}.StreamArn"
        case {"Fn::GetAtt": [name, *_]}:
            return name
        case {"Fn::Sub": str() as text}:
            return re.sub(r"\$\{(\w+)(\.Arn)?\}", r"\1", text)
        case _:
            return str(value)


def listed(value):
    return value if isinstance(value, list) else [value]
