"""The template as CloudFormation gets it, and the questions that the rules put to it."""

import os
import re

os.environ.setdefault("AWS_DEFAULT_REGION", "us-east-1")  # the translator asks for a region, and calls nobody

from samtranslator.translator.transform import transform
from samtranslator.yaml_helper import yaml_parse


def expand(path):
    """The template as CloudFormation gets it; each function's source folder becomes the key of its code."""
    template = yaml_parse(path.read_text(encoding="utf-8"))
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


def granted(role):
    """Every (action, resource) that a role's own policies allow."""
    return {
        (action, pointed_at(resource))
        for policy in role.get("Policies", [])
        for statement in listed(policy["PolicyDocument"]["Statement"])
        if statement["Effect"] == "Allow"
        for action in listed(statement.get("Action", "*"))  # NotAction grants the rest of the world
        for resource in listed(statement.get("Resource", "*"))
    }
