#!/usr/bin/env python3
"""One story on the deployed shape: template.yaml on an emulator that nobody here wrote (PyPI `ministack`, without containers).

    tests/deployed/run

The stack is created from the template as it is, with the bootstraps that are deployed; the story goes over the HTTP API:
an order, the stream, a tier; points for a review, a reward; then the clock of the emulator and of every function jumps
(tests/clock.c), and the schedules of the template do what is due: points activate and expire, days are closed. In the end
nothing lies in a dead-letter queue, and an export of the tables proves itself.

What the emulator cannot do is worked around here, never in the template, and said in the output (`gap:`).
"""

import argparse
import http.server
import io
import json
import os
import re
import socket
import struct
import subprocess
import sys
import tempfile
import threading
import time
import urllib.error
import urllib.request
import zipfile
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

import boto3
import jwt
from botocore.config import Config
from cryptography.hazmat.primitives.asymmetric import rsa
from samtranslator.yaml_helper import yaml_parse

REPOSITORY = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(REPOSITORY / "infra" / "policies"))
from template import Template, expand  # noqa: E402  the translated template, as the policy check reads it

STACK = "perennial"
AUDIENCE = "perennial"
ISSUER_PARAMETER = "https://issuer.example"
PATIENCE = 60  # seconds of the machine's time for whatever the chain does by itself


def say(what):
    print(f"{time.monotonic() - STARTED:6.1f} s  {what}", flush=True)


STARTED = time.monotonic()


def gap(what):
    say(f"gap: {what}")


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def until(what, look, patience=PATIENCE):
    """Looks until there is something; says how long that took."""
    began = time.monotonic()
    while True:
        found = look()
        if found:
            say(f"{what}, after {time.monotonic() - began:.1f} s")
            return found
        if time.monotonic() - began > patience:
            raise AssertionError(f"{what}: not within {patience} s")
        time.sleep(0.1)


class Clock:
    """The time of the emulator and of every function: the machine's, and what a file adds to it (tests/clock.c)."""

    def __init__(self, directory):
        self.library, self.file = Path(directory) / "clock.so", Path(directory) / "ahead"
        source = REPOSITORY / "tests" / "clock.c"
        subprocess.run(["cc", "-O2", "-shared", "-fPIC", "-o", self.library, source], check=True)
        self.ahead = timedelta()
        self.file.write_bytes(self.seconds())

    def seconds(self):
        return struct.pack("l", int(self.ahead.total_seconds()))

    def now(self):
        return datetime.now(UTC) + self.ahead

    def jump(self, to):
        self.ahead = max(to - datetime.now(UTC), self.ahead)
        with self.file.open("r+b") as file:  # in place: it is mapped
            file.write(self.seconds())
        say(f"the clock shows {self.now():%Y-%m-%d %H:%M}")

    def environment(self):
        return {"LD_PRELOAD": str(self.library), "STORY_CLOCK": str(self.file)}


@contextmanager
def emulator(clock, directory, log):
    port = free_port()
    url = f"http://127.0.0.1:{port}"
    environment = os.environ | clock.environment() | {
        "AWS_ENDPOINT_URL": url,  # or the functions would call AWS
        "GATEWAY_PORT": str(port),
        "BIND_HOST": "127.0.0.1",
        "IOT_MTLS_ENABLED": "0",
        "LAMBDA_EXECUTOR": "local",
        "TMPDIR": directory,  # where it unpacks every bootstrap, and leaves it
    }
    process = subprocess.Popen([sys.executable, "-m", "ministack"], env=environment, stdout=log, stderr=log)
    try:
        def ready():
            if process.poll() is not None:
                raise AssertionError(f"the emulator ended with {process.returncode}")
            try:
                return urllib.request.urlopen(f"{url}/_ministack/health", timeout=1).status == 200
            except OSError:
                return False

        until("the emulator is up", ready)
        yield url
    finally:
        process.terminate()
        try:
            process.wait(10)
        except subprocess.TimeoutExpired:
            process.kill()


class Issuer:
    """An identity provider: its keys over HTTP, and tokens."""

    def __init__(self, clock):
        self.clock = clock
        self.key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
        jwk = json.loads(jwt.algorithms.RSAAlgorithm.to_jwk(self.key.public_key())) | {"kid": "k", "use": "sig"}
        issuer = self

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_GET(self):
                known = {
                    "/.well-known/openid-configuration": {"issuer": issuer.url, "jwks_uri": f"{issuer.url}/keys"},
                    "/keys": {"keys": [jwk]},
                }
                body = json.dumps(known.get(self.path, {})).encode()
                self.send_response(200 if self.path in known else 404)
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *_):
                pass

        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_port}"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def token(self, scope, subject):
        now = int(self.clock.now().timestamp())
        claims = {"iss": self.url, "aud": AUDIENCE, "sub": subject, "scope": scope, "iat": now - 60, "exp": now + 3600}
        return jwt.encode(claims, self.key, algorithm="RS256", headers={"kid": "k"})


def packed(bootstrap):
    """A function's code as it is uploaded."""
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as archive:
        entry = zipfile.ZipInfo("bootstrap")
        entry.external_attr = 0o755 << 16
        archive.writestr(entry, bootstrap.read_bytes(), zipfile.ZIP_DEFLATED)
    return file.getvalue()


def leave_out_metric_queries(resources):
    """Takes away what asks for metrics by query, and loops that make nothing else."""
    queries = lambda resource: "Metrics" in resource.get("Properties", {})
    made = lambda resource: [resource] if isinstance(resource, dict) else resource[2].values()
    unknown = [name for name, resource in resources.items() if all(map(queries, made(resource)))]
    gap(f"the emulator knows no alarms on queries of metrics: {', '.join(unknown)} left out")
    for name in unknown:
        del resources[name]


class Deployment:
    """The stack on the emulator."""

    def __init__(self, url, bootstraps):
        self.url = url
        self.template = Template(expand(REPOSITORY / "template.yaml"))
        # A client waits for functions that start a process each.
        patient = Config(read_timeout=120, retries={"max_attempts": 0})
        self.client = lambda name: boto3.client(name, endpoint_url=url, config=patient)
        self.create(bootstraps)
        resources = self.client("cloudformation").describe_stack_resources(StackName=STACK)["StackResources"]
        self.names = {resource["LogicalResourceId"]: resource["PhysicalResourceId"] for resource in resources}
        known = {name for name, resource in self.template.resources.items() if "Metrics" not in resource.get("Properties", {})}
        assert self.names.keys() == known, f"the emulator makes of the loops what we do not: {self.names.keys() ^ known}"

    def create(self, bootstraps):
        s3, cloudformation = self.client("s3"), self.client("cloudformation")
        s3.create_bucket(Bucket="code")
        template = yaml_parse((REPOSITORY / "template.yaml").read_text(encoding="utf-8"))
        resources = template["Resources"]
        written = {name: resource for name, resource in resources.items() if isinstance(resource, dict)}  # a loop is a list
        for resource in written.values():
            if resource["Type"] == "AWS::Serverless::Function":
                name = resource["Metadata"]["BuildProperties"]["Binary"]
                s3.put_object(Bucket="code", Key=name, Body=packed(bootstraps / name))
                resource["Properties"]["CodeUri"] = {"Bucket": "code", "Key": name}
        # What is included goes by S3, too; the emulator includes it and runs the loops by itself.
        included = resources["Api"]["Properties"]["DefinitionBody"]["Fn::Transform"]["Parameters"]
        s3.put_object(Bucket="code", Key="api.yaml", Body=(REPOSITORY / included["Location"]).read_bytes())
        included["Location"] = "s3://code/api.yaml"
        leave_out_metric_queries(resources)
        gap("the emulator knows no AWS::IAM::RolePolicy: grants are given as AWS::IAM::Policy, which says the same")
        for resource in written.values():
            if resource["Type"] == "AWS::IAM::RolePolicy":
                resource["Type"] = "AWS::IAM::Policy"
                resource["Properties"]["Roles"] = [resource["Properties"].pop("RoleName")]
        # A template of this size goes by S3, as `sam deploy` sends it.
        s3.put_object(Bucket="code", Key="template.json", Body=json.dumps(template).encode())
        parameters = {"Architecture": "x86_64", "JwtIssuer": ISSUER_PARAMETER, "JwtAudience": AUDIENCE}
        cloudformation.create_stack(
            StackName=STACK,
            TemplateURL=f"{self.url}/code/template.json",
            Parameters=[{"ParameterKey": key, "ParameterValue": value} for key, value in parameters.items()],
            Capabilities=["CAPABILITY_IAM", "CAPABILITY_AUTO_EXPAND"],
        )

        def created():
            stack = cloudformation.describe_stacks(StackName=STACK)["Stacks"][0]
            status = stack["StackStatus"]
            assert "FAILED" not in status and "ROLLBACK" not in status, f"{status}: {stack.get('StackStatusReason')}"
            return status == "CREATE_COMPLETE"

        until("the stack is created", created)

    def connect_routes(self, issuer):
        """The routes of the API, with its authorizer."""
        gateway, functions = self.client("apigatewayv2"), self.client("lambda")
        api = self.names["Api"]
        if gateway.get_routes(ApiId=api)["Items"]:
            say("the emulator has made the routes")
        else:
            gap("the emulator ignores the routes in the API's body: made here, from the translated template")
        gap("the authorizer's issuer must be HTTPS in AWS and is HTTP here, so it is made here, too")
        authorizer = gateway.create_authorizer(
            ApiId=api,
            AuthorizerType="JWT",
            Name="story",
            IdentitySource=["$request.header.Authorization"],
            JwtConfiguration={"Issuer": issuer.url, "Audience": [AUDIENCE]},
        )["AuthorizerId"]
        for route in gateway.get_routes(ApiId=api)["Items"]:
            gateway.delete_route(ApiId=api, RouteId=route["RouteId"])
        integrations = {}
        count = 0
        for _, route, operation, function in self.template.routes():
            if function not in integrations:
                arn = functions.get_function(FunctionName=self.names[function])["Configuration"]["FunctionArn"]
                integrations[function] = gateway.create_integration(
                    ApiId=api, IntegrationType="AWS_PROXY", IntegrationUri=arn, PayloadFormatVersion="2.0"
                )["IntegrationId"]
            scopes = [scope for rule in operation.get("security", []) for scope in rule.get("AccessToken", [])]
            secured = (
                {"AuthorizationType": "JWT", "AuthorizerId": authorizer, "AuthorizationScopes": scopes} if scopes else {}
            )
            gateway.create_route(
                ApiId=api, RouteKey=route, Target=f"integrations/{integrations[function]}", **secured
            )
            count += 1
        say(f"{count} routes")
        self.api = f"{self.url}/_aws/execute-api/{api}/$default"

    def call(self, token, method, path, body=None, key=None):
        """The status and the body of an answer."""
        headers = {"Authorization": f"Bearer {token}", "Content-Type": "application/json"}
        if key:
            headers["Idempotency-Key"] = key
        data = None if body is None else json.dumps(body).encode()
        request = urllib.request.Request(f"{self.api}{path}", data, headers, method=method)
        try:
            with urllib.request.urlopen(request, timeout=60) as answer:
                return answer.status, json.loads(answer.read() or b"null")
        except urllib.error.HTTPError as error:
            return error.code, json.loads(error.read() or b"null")

    def tables(self):
        """How the command line names the tables."""
        return [
            part
            for table in ("accounts", "pages", "facts", "catalogue", "stock", "vouchers", "checkpoints")
            for part in (f"--{table}-table", self.names[f"{table.capitalize()}Table"])
        ]

    def noted(self):
        """The newest entry that reconciliation has noted."""
        query = self.client("dynamodb").query(
            TableName=self.names["CheckpointsTable"],
            KeyConditionExpression="#of = :of",
            ExpressionAttributeNames={"#of": "of"},
            ExpressionAttributeValues={":of": {"S": "notes"}},
        )
        return max((entry for note in query["Items"] for entry in noted(note["leaves"]["B"])), default=0)

    def waiting(self):
        """Messages in dead-letter queues, by queue."""
        sqs = self.client("sqs")
        counts = {}
        for name in self.template.dead_letter_queues():
            attributes = sqs.get_queue_attributes(QueueUrl=self.names[name], AttributeNames=["ApproximateNumberOfMessages"])
            counts[name] = int(attributes["Attributes"]["ApproximateNumberOfMessages"])
        return {name: count for name, count in counts.items() if count}


def noted(leaves):
    """The newest entries of accounts in a note, which `note_item.rs` describes: member, three numbers, 80 bytes of hashes."""
    at = 0
    while at < len(leaves):
        at += 1 + leaves[at]
        numbers = []
        for _ in range(3):
            number, bits = 0, 0
            while leaves[at] > 0x7F:
                number, bits, at = number | (leaves[at] & 0x7F) << bits, bits + 7, at + 1
            number, at = number | leaves[at] << bits, at + 1
            numbers.append(number)
        at += 80
        yield numbers[1]


def tell(deployment, clock, issuer, command):
    """The story."""
    roles = role_scopes()
    call = lambda role, subject: lambda *rest, **more: deployment.call(issuer.token(roles[role], subject), *rest, **more)
    shop, auditor = call("partner", "shop"), call("auditor", "auditor")

    status, body = deployment.call("no token", "GET", "/v1/members/m-1/tier")
    assert status == 401, (status, body)

    def fact(kind, name, data=None):
        event = {"specversion": "1.0", "type": kind, "source": "shop", "id": name, "subject": "m-1",
                 "time": clock.now().strftime("%Y-%m-%dT%H:%M:%SZ")}
        return event | ({"data": data} if data else {})

    order = fact("order.paid", "order-1001",
                 {"order_id": "1001", "currency": "CNY", "lines": [{"sku": "琥珀", "quantity": 1, "amount_minor": 500_000}]})
    status, body = shop("POST", "/v1/activities", order)
    assert (status, body["points"]) == (200, 5_000), (status, body)
    status, again = shop("POST", "/v1/activities", order)
    assert (status, again["entry"]) == (200, body["entry"]), (status, again)
    say("an order earns 5,000 points, once")

    tier = lambda: auditor("GET", "/v1/members/m-1/tier")[1]
    found = until("stream, router, queue, evaluation: the member is gold", lambda: (now := tier())["tier"] == "gold" and now)
    assert found["next"]["tier"] == "black", found

    status, body = shop("POST", "/v1/activities", fact("ugc.featured", "review-7"))
    assert (status, body["points"]) == (200, 100), (status, body)
    redeem = {"member": "m-1", "reward": "drink"}
    status, redeemed = call("member", "m-1")("POST", "/v1/redemptions", redeem, key="try-1")
    assert status == 200 and redeemed["voucher"]["code"], (status, redeemed)
    status, again = call("member", "m-1")("POST", "/v1/redemptions", redeem, key="try-1")
    assert (status, again["voucher"]) == (200, redeemed["voucher"]), (status, again)
    left = redeemed["balance"]["active"]
    say(f"a reward for {100 - left} points, once")
    status, body = call("member", "m-2")("GET", "/v1/members/m-1/balance")
    assert status in (403, 404), (status, body)

    entries = lambda: auditor("GET", "/v1/members/m-1/entries?limit=100")[1]["entries"]
    settled = lambda what: [part for entry in entries() for part in entry.get("settled", []) if part["what"] == what]

    def rests():
        """Is every entry noted, and does the chain write no more?"""
        before = len(entries())
        if deployment.noted() != before:
            return False
        time.sleep(2)
        return deployment.noted() == len(entries()) == before

    def jump(days, hour=None, minute=4):
        """Days on, to ten seconds before a schedule is due. The stream forgets after a day, so first the chain comes to rest."""
        until("every entry is noted", rests)
        to = (clock.now() + timedelta(days=days)).replace(minute=minute, second=50, microsecond=0)
        clock.jump(to if hour is None else to.replace(hour=hour))

    # The day after the points of the order mature: they can be spent at once, and the ledger says so within fourteen days.
    jump(days=16)
    balance = auditor("GET", "/v1/members/m-1/balance")[1]
    assert (balance["active"], balance["pending"]) == (5_000 + left, 0), balance
    jump(days=14)
    until("the hourly schedule has recorded that the order's points can be spent", lambda: settled("activated"), patience=90)

    jump(days=430)
    until("the hourly schedule has let them expire", lambda: settled("expired"), patience=90)
    balance = auditor("GET", "/v1/members/m-1/balance")[1]
    assert (balance["active"], balance["total"]) == (0, 0), balance
    fallen = until("with no more orders the tier has fallen one step", lambda: (now := tier())["tier"] == "silver" and now)
    assert fallen["next"]["tier"] == "gold", fallen

    # The nightly runs begin an hour after midnight, UTC.
    jump(days=1, hour=0, minute=59)
    with tempfile.TemporaryDirectory() as directory:
        def proved():
            run(command, "export", directory, *deployment.tables(), endpoint=deployment.url)
            report = run(command, "verify", directory)
            return report if " 0 entries" in report else None

        report = until("every day is closed, and an export of the tables proves itself", proved, patience=240)
        for line in report.splitlines():
            say(f"    {line}")

    dead = deployment.waiting()
    assert not dead, f"in dead-letter queues: {dead}"
    say("nothing lies in a dead-letter queue")


def role_scopes():
    """The scopes of a token for each role, as the API's description lists them."""
    described = json.loads((REPOSITORY / "functions" / "account" / "openapi.json").read_text(encoding="utf-8"))
    listed = described["components"]["securitySchemes"]["token"]["description"]
    scopes = {}
    for scope, roles in re.findall(r"`([a-z-]+:[a-z-]+)`: ([a-z, ]+)", listed):
        for role in roles.split(", "):
            scopes.setdefault(role.strip(), [role.strip()]).append(scope)
    return {role: " ".join(names) for role, names in scopes.items()}


def run(command, *arguments, endpoint=None):
    environment = os.environ | ({"AWS_ENDPOINT_URL": endpoint} if endpoint else {})
    done = subprocess.run([command, *arguments], env=environment, cwd=REPOSITORY, capture_output=True, text=True, check=False)
    assert done.returncode == 0, f"{arguments[0]}: {done.stdout}{done.stderr}"
    return done.stdout


def main():
    options = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    options.add_argument("--bootstraps", type=Path, required=True, help="the directory with one binary per function")
    options.add_argument("--command", type=Path, required=True, help="the product's command line")
    options.add_argument("--log", type=Path, default=REPOSITORY / "target" / "deployed" / "emulator.log")
    arguments = options.parse_args()

    arguments.log.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as directory, arguments.log.open("w") as log:
        clock = Clock(directory)
        with emulator(clock, directory, log) as url:
            try:
                issuer = Issuer(clock)
                deployment = Deployment(url, arguments.bootstraps)
                deployment.connect_routes(issuer)
                run(arguments.command, "publish", "programme.toml", *deployment.tables(), endpoint=url)
                say("the programme is published")
                tell(deployment, clock, issuer, arguments.command)
            except Exception:
                say(f"failed; the emulator's log is {arguments.log}")
                raise
    say("told to the end")


if __name__ == "__main__":
    main()
