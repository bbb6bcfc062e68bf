#!/usr/bin/env python3
"""Holds template.yaml to the rules a linter cannot know: those across resources, and those of this platform.

    check_template.py                         one line per rule: `ok RULE` or `FAIL RULE: what, where`
    check_template.py --expanded OUT.json     the same, and writes the expanded template for cfn-lint to read
    check_template.py --self-test             plants every kind of violation and sees that its rule reports it

The rules read the template as CloudFormation will get it, expanded by SAM's own translator, offline. A new rule is a
function below that yields what is wrong and where; its docstring says why the rule is there, its plants break it.
"""

import argparse
import copy
import json
import re
import sys
import tomllib
from collections import defaultdict
from pathlib import Path

from samtranslator.model.exceptions import InvalidDocumentException

import at_rest  # noqa: F401 - its rules
import schedules  # noqa: F401 - its rules
from expand import expanded
from grants import GRANTS, PUBLIC_ROUTES
from rule import REMOVED, RULES, plant, rule
from template import INTEGRATIONS, Template, expand, listed, pointed_at

REPOSITORY = Path(__file__).resolve().parents[2]
# Where something is set free: an identifier of who leaves, a wish that is taken back.
SET_FREE = {("MemberRole", "ClaimsTable"), ("ImportRole", "ClaimsTable"), ("SurveyIntakeRole", "SurveysTable")}


@rule(plant("IngestQueue Properties VisibilityTimeout", 59), plant("IngestQueue Properties VisibilityTimeout", REMOVED))
def visibility_is_at_least_six_timeouts(template):
    """A message that is still being worked on, or waits for a throttled function, must not be handed out again."""
    for name, mapping, function, queue in template.queue_consumers():
        least = 6 * template.properties(function).get("Timeout", 3) + mapping.get("MaximumBatchingWindowInSeconds", 0)
        seconds = template.properties(queue).get("VisibilityTimeout", 30)
        if seconds < least:
            yield f"visibility of {seconds} s, {function} needs {least} s", queue


@rule(plant("EarnFunctionIngest Properties FunctionResponseTypes", REMOVED))
def queue_consumers_report_failed_items(template):
    """Without it one bad message sends its whole batch round again."""
    for name, mapping, *_ in template.queue_consumers():
        if mapping.get("FunctionResponseTypes") != ["ReportBatchItemFailures"]:
            yield "no ReportBatchItemFailures", name


@rule(plant("EarnFunctionIngest Properties ScalingConfig", REMOVED))
def queue_consumers_limit_their_concurrency(template):
    """A burst that is throttled uses up the receives of good messages, and they end in the dead-letter queue."""
    for name, mapping, *_ in template.queue_consumers():
        if not mapping.get("ScalingConfig", {}).get("MaximumConcurrency"):
            yield "no MaximumConcurrency", name


@rule(
    plant("IngestQueue Properties RedrivePolicy", REMOVED),
    plant("IngestQueue Properties RedrivePolicy maxReceiveCount", 4),
)
def queues_have_a_dead_letter_queue(template):
    """A poison message must leave the queue, and a good one must survive some bad luck first."""
    for name, queue in template.of("AWS::SQS::Queue"):
        if name in template.dead_letter_queues():
            continue
        redrive = queue.get("RedrivePolicy")
        if not redrive:
            yield "no dead-letter queue", name
        elif redrive["maxReceiveCount"] < 5:
            yield f"maxReceiveCount {redrive['maxReceiveCount']}, at least 5 wanted", name


@rule(
    plant("EarnFunction Metadata BuildProperties Binary", "ern"),
    plant("EarnFunction Properties Code S3Key", "functions/redeem"),
    plant("RedeemFunction Metadata", REMOVED),
)
def functions_and_crates_match(template):
    """A misspelt binary is found when deploying, a forgotten function when it is missed."""
    crates = {path.parent.name for path in REPOSITORY.glob("functions/*/Cargo.toml")}
    for name, function in template.functions():
        metadata = template.resources[name].get("Metadata", {})
        binary = metadata.get("BuildProperties", {}).get("Binary")
        folder = REPOSITORY / "functions" / str(binary)
        if metadata.get("BuildMethod") != "rust-cargolambda" or function["Handler"] != "bootstrap":
            yield "not built by cargo-lambda as a bootstrap", name
        if binary not in crates:
            yield f"no crate functions/{binary}", name
            continue
        crates.remove(binary)
        if tomllib.loads((folder / "Cargo.toml").read_text(encoding="utf-8"))["package"]["name"] != binary:
            yield f"the crate in functions/{binary} has another name", name
        if not (folder / "src" / "main.rs").is_file():
            yield f"functions/{binary} has no src/main.rs", name
        if function["Code"]["S3Key"] != f"functions/{binary}":
            yield f"binary {binary} from {function['Code']['S3Key']}", name
    for crate in sorted(crates):
        yield "no function is built from it", f"functions/{crate}"


@rule(
    plant("RedeemFunction Properties Architectures", ["x86_64"]),
    plant("EarnFunction Properties Architectures", REMOVED),
)
def functions_run_on_the_architecture_parameter(template):
    """One processor for all, chosen when deploying."""
    for name, function in template.functions():
        if function.get("Architectures") != [{"Ref": "Architecture"}]:
            yield "Architectures is not the parameter", name


LARGER = {"ImportFunction": 1024}  # a file of 50 MB is read and cut at once


@rule(plant("AccountFunction Properties MemorySize", 128), plant("ImportFunction Properties MemorySize", 256))
def functions_have_256_megabytes(template):
    """Measured: half the latency of 128 for about the same bill, and little to gain above but where files are read."""
    for name, function in template.functions():
        if function.get("MemorySize") != LARGER.get(name, 256):
            yield f"MemorySize {function.get('MemorySize')}", name


@rule(
    plant("EarnLog Properties RetentionInDays", REMOVED),
    plant("EarnFunction Properties LoggingConfig LogGroup", REMOVED),
)
def logs_have_a_retention(template):
    """A log group that Lambda makes by itself keeps everything for ever."""
    groups = dict(template.of("AWS::Logs::LogGroup"))
    for name, group in groups.items():
        if "RetentionInDays" not in group:
            yield "no RetentionInDays", name
    for name, function in template.functions():
        if pointed_at(function.get("LoggingConfig", {}).get("LogGroup")) not in groups:
            yield "no log group of its own", name


@rule(
    plant("EarnFunction Properties Environment Variables SIGNING_KEY", "hush"),
    plant("MemberFunction Properties Environment Variables MEMBER_KEY", "hush"),
)
def environments_hold_no_secrets(template):
    """Whoever may look at a function's settings reads its environment. Which key of KMS or which table it uses is none."""
    kinds = ("AWS::KMS::Key", "AWS::DynamoDB::Table", "AWS::S3::Bucket")
    names = {name for kind in kinds for name, _ in template.of(kind)}
    for name, function in template.functions():
        for variable, value in function.get("Environment", {}).get("Variables", {}).items():
            if pointed_at(value) in names:
                continue
            if re.search("SECRET|TOKEN|PASSW|CREDENTIAL|PRIVATE|KEY", variable.upper()):
                yield f"variable {variable}", name


@rule(
    plant("EventRouterFunctionAccounts Properties FunctionResponseTypes", REMOVED),
    plant("EventRouterFunctionAccounts Properties BisectBatchOnFunctionError", False),
    plant("EventRouterFunctionAccounts Properties MaximumRetryAttempts", REMOVED),
    plant("EventRouterFunctionAccounts Properties DestinationConfig", REMOVED),
    plant("EventRouterFunctionAccounts Properties StartingPosition", "LATEST"),
    plant("EventRouterAgeAlarm", REMOVED),
)
def streams_isolate_bad_records_and_are_watched(template):
    """A bad record must stop neither its shard nor vanish, and a reader that falls behind must be seen before a day is over."""
    ages = {
        pointed_at(dimension["Value"])
        for _, alarm in template.of("AWS::CloudWatch::Alarm")
        if alarm.get("MetricName") == "IteratorAge"
        for dimension in alarm["Dimensions"]
    }
    for name, mapping, function in template.stream_consumers():
        if mapping.get("FunctionResponseTypes") != ["ReportBatchItemFailures"]:
            yield "no ReportBatchItemFailures", name
        if mapping.get("BisectBatchOnFunctionError") is not True:
            yield "does not bisect", name
        if mapping.get("MaximumRetryAttempts", -1) < 0:
            yield "tries for ever", name
        if not mapping.get("DestinationConfig"):
            yield "no on-failure queue", name
        if mapping.get("StartingPosition") != "TRIM_HORIZON":
            yield "leaves out what was committed before", name
        if function not in ages:
            yield "no alarm on its iterator age", name


@rule(
    plant("EarnGrants Properties PolicyDocument Statement 0 Action", ["dynamodb:*"]),
    plant("EarnGrants Properties PolicyDocument Statement 0 Resource", "*"),
    plant("EarnGrants Properties PolicyDocument Statement 0 Action", REMOVED),
    plant("ImportGrants Properties PolicyDocument Statement 8 Resource", {"Fn::Sub": "${PrivateBucket.Arn}/*"}),
    plant("EarnRole Properties ManagedPolicyArns 0", "arn:aws:iam::aws:policy/AmazonDynamoDBFullAccess"),
)
def permissions_have_no_wildcard(template):
    """Exact actions on exact resources. Tracing alone is granted by a policy of AWS: traces belong to no resource. Objects are named by what
    their keys begin with."""
    buckets = {name for name, _ in template.of("AWS::S3::Bucket")}
    for name, role in template.of("AWS::IAM::Role"):
        for action, resource in template.granted(name):
            bucket, _, key = resource.partition("/")
            begins = bucket in buckets and re.fullmatch(r"[a-z]+/\*", key)
            if "*" in action or ("*" in resource and not begins):
                yield f"{action} on {resource}", name
        for arn in role.get("ManagedPolicyArns", []):
            if not pointed_at(arn).endswith(":policy/AWSXRayDaemonWriteAccess"):
                yield f"managed policy {pointed_at(arn)}", name


@rule(
    plant("RedeemGrants Properties PolicyDocument Statement 0 Action 0", "dynamodb:DeleteItem"),
    plant("RedeemGrants Properties PolicyDocument Statement 0 Action 0", "dynamodb:Scan"),
    plant("MemberGrants Properties PolicyDocument Statement 0 Action 0", "dynamodb:DeleteItem"),
)
def permissions_never_delete_or_scan(template):
    """Nothing is taken out of the ledger, and no work grows with the number of members. What a member leaves is set free."""
    for name, role in template.of("AWS::IAM::Role"):
        for action, resource in template.granted(name):
            if action == "dynamodb:DeleteItem" and (name, resource) in SET_FREE:
                continue
            if re.fullmatch(r"dynamodb:(Delete|PartiQL(Delete|Select)|Scan).*", action):
                yield f"{action} on {resource}", name


@rule(
    plant("AccountGrants Properties PolicyDocument Statement 0 Action 0", "dynamodb:PutItem"),
    plant("EarnGrants Properties PolicyDocument Statement 2 Effect", "Deny"),
    plant("EarnFunction Properties Role", {"Fn::GetAtt": ["RedeemRole", "Arn"]}),
    plant("EarnGrants Properties RoleName", {"Ref": "AccountRole"}),
    plant("ExtraPolicy", {"Type": "AWS::IAM::ManagedPolicy"}),
)
def permissions_are_the_listed_ones(template):
    """Who may touch the ledger is decided in one table (GRANTS), and a change of it is seen in review."""
    for name in sorted(GRANTS.keys() - template.resources.keys()):
        yield "listed, and not in the template", name
    for name, role in template.of("AWS::IAM::Role"):
        wanted = {(a, resource) for resource, actions in GRANTS.get(name, {}).items() for a in actions.split()}
        for action, resource in sorted(template.granted(name) - wanted):
            yield f"{action} on {resource} is not listed", name
        for action, resource in sorted(wanted - template.granted(name)):
            yield f"{action} on {resource} is listed and not granted", name
    for name, function in template.functions():
        if pointed_at(function["Role"]) != name.replace("Function", "Role"):
            yield f"runs as {pointed_at(function['Role'])}", name
    roles = {name for name, _ in template.of("AWS::IAM::Role")}
    known = roles | {grant for role in roles for grant, _ in template.grants(role)}
    for name, resource in sorted(template.resources.items()):
        if resource["Type"].startswith("AWS::IAM::") and name not in known:
            yield f"permissions outside of a role ({resource['Type']})", name


@rule(
    plant("AccountGrants Properties PolicyDocument Statement 0 Resource", {"Fn::GetAtt": ["VouchersTable", "Arn"]}),
    plant("AccountGrants Properties PolicyDocument Statement 2 Action 0", "dynamodb:PutItem"),
)
def vouchers_are_redeems_and_programmes_nobodys(template):
    """Whoever reads the secret can make the code of any voucher; whoever writes a programme decides what is earned."""
    for name, _ in template.of("AWS::IAM::Role"):
        for action, resource in sorted(template.granted(name)):
            if resource.startswith("VouchersTable") and name != "RedeemRole":
                yield f"{action} on {resource}", name
            if resource.startswith("CatalogueTable") and action not in ("dynamodb:GetItem", "dynamodb:Query"):
                yield f"{action} on {resource}", name


@rule(plant("EarnFunction DependsOn", REMOVED), plant("EarnFunction DependsOn", "RedeemGrants"))
def functions_wait_for_what_they_may_do(template):
    """Lambda refuses to read a queue for a function that may not read it yet, and the stack is rolled back."""
    for name, function in template.functions():
        grants = {grant for grant, _ in template.grants(pointed_at(function["Role"]))}
        if grants - set(listed(template.resources[name].get("DependsOn", []))):
            yield "does not depend on the grants of its role", name


@rule(
    plant("PagesTable Properties PointInTimeRecoverySpecification PointInTimeRecoveryEnabled", False),
    plant("AccountsTable Properties DeletionProtectionEnabled", REMOVED),
    plant("AccountsTable DeletionPolicy", REMOVED),
    plant("CatalogueTable UpdateReplacePolicy", "Delete"),
)
def tables_cannot_be_lost(template):
    """The ledger outlives a mistaken write, a mistaken deployment and the stack itself."""
    for name, table in template.of("AWS::DynamoDB::Table"):
        if table.get("PointInTimeRecoverySpecification", {}).get("PointInTimeRecoveryEnabled") is not True:
            yield "no point-in-time recovery", name
        if table.get("DeletionProtectionEnabled") is not True:
            yield "no deletion protection", name
        for policy in ("DeletionPolicy", "UpdateReplacePolicy"):
            if template.resources[name].get(policy) != "Retain":
                yield f"{policy} is not Retain", name


@rule(
    plant("Api Properties Body paths /v1/holds post security", REMOVED),
    plant("Api Properties Body paths /v1/holds post security", [{"NONE": []}]),
    plant("Api Properties Body paths /v1/holds post security", [{"AccessToken": []}]),
    plant("Api Properties Body paths /v1/holds post security", [{"AccessToken": ["holds:write", "holds:capture"]}]),
    plant("Api Properties Body paths /openapi.json get security", [{"AccessToken": ["ledger:read"]}]),
    plant("Api Properties Body components securitySchemes AccessToken x-amazon-apigateway-authorizer type", "request"),
)
def routes_ask_for_a_token_with_one_scope(template):
    """The gateway lets in whoever has any one scope of a list, and anybody where none is asked for."""
    for api, route, operation, _ in template.routes():
        schemes = template.properties(api)["Body"]["components"]["securitySchemes"]
        checked = {key for key in schemes if schemes[key]["x-amazon-apigateway-authorizer"]["type"] == "jwt"}
        needs = [need for option in operation.get("security", []) for need in option.items()]
        public = all(scheme not in checked for scheme, _ in needs)
        guarded = not public and len(needs) == 1 and len(needs[0][1]) == 1
        if not (public if route in PUBLIC_ROUTES else guarded):
            yield f"security of {route} is {operation.get('security')}", api


@rule(
    plant("Api Properties Body paths /v1/holds post x-amazon-apigateway-integration $ref", f"{INTEGRATIONS}reedem"),
    plant("Api Properties Body components x-amazon-apigateway-integrations earn uri", {"Ref": "EarnFunction"}),
    plant("EarnPermission", REMOVED),
    plant("EarnPermission Properties SourceArn", REMOVED),
    plant("EarnPermission Properties Principal", "sns.amazonaws.com"),
    plant("EarnPermission Properties FunctionName", {"Ref": "UpkeepFunction"}),
)
def routes_lead_to_functions_that_the_api_may_call(template):
    """A route that leads nowhere, or to a function that the gateway may not call, is deployed and answers 500."""
    routes = list(template.routes())
    gateway = "apigateway.amazonaws.com"
    allowed = {(api, function) for _, who, api, function in template.callers() if who == gateway}
    for api, route, _, function in routes:
        if function not in dict(template.functions()):
            yield f"{route} leads to no function", api
        elif (api, function) not in allowed:
            yield f"{function} may not be called for {route}", api
    for name, who, api, function in template.callers():
        if who != gateway or (api, function) not in {(api, function) for api, _, _, function in routes}:
            yield f"{who} may call {function} for no route of {api}", name


def three_hundred_more_routes(document):
    paths = document["Resources"]["Api"]["Properties"]["Body"]["paths"]
    paths |= {f"/v1/more/{number}": paths["/v1/holds"] for number in range(300)}


def four_hundred_and_fifty_more_resources(document):
    document["Resources"] |= {f"More{number}": document["Resources"]["EarnLog"] for number in range(450)}


@rule(three_hundred_more_routes, four_hundred_and_fifty_more_resources)
def quotas_are_kept(template):
    """An HTTP API takes 300 routes and a stack 500 resources; whoever needs one more learns it while deploying."""
    for name, api in template.of("AWS::ApiGatewayV2::Api"):
        routes = sum(len(methods) for methods in api["Body"]["paths"].values())
        if routes > 300:
            yield f"{routes} routes", name
    if len(template.resources) > 500:
        yield f"{len(template.resources)} resources", "the stack"


@rule(plant("ApiApiGatewayDefaultStage Properties AccessLogSettings Format", '{"path":"$context.path"}'))
def access_logs_name_no_member(template):
    """Paths hold member ids, addresses are personal data, claims are the token."""
    for name, stage in template.of("AWS::ApiGatewayV2::Stage"):
        form = stage["AccessLogSettings"]["Format"]
        for variable in re.findall(r"\$context\.(path|identity|authorizer\.(?:claims|principalId))", form):
            yield f"$context.{variable}", name


@rule(plant("EarnErrorsAlarm Properties AlarmActions", REMOVED), plant("ApiErrorsAlarm Properties AlarmActions", []))
def alarms_reach_the_topic(template):
    """An alarm that tells nobody is a graph."""
    wanted = {"Fn::If": ["HasAlarmTopic", [{"Ref": "AlarmTopicArn"}], {"Ref": "AWS::NoValue"}]}
    for name, alarm in template.of("AWS::CloudWatch::Alarm"):
        if alarm.get("AlarmActions") != wanted:
            yield "AlarmActions do not lead to the topic", name


@rule(
    plant("Outputs Warning", REMOVED),
    plant("Outputs Warning Condition", "HasAlarmTopic"),
    plant("Outputs Warning Value", "Something is not set."),
    plant("Conditions HasNoAlarmTopic", {"Fn::Equals": [{"Ref": "JwtIssuer"}, ""]}),
)
def a_deployment_without_an_alarm_topic_says_so(template):
    """CloudFormation knows no warnings; what a deployment prints at its end are its outputs."""
    warning = template.document.get("Outputs", {}).get("Warning", {})
    unset = template.document.get("Conditions", {}).get(warning.get("Condition"))
    if unset != {"Fn::Equals": [{"Ref": "AlarmTopicArn"}, ""]}:
        yield "is not printed whenever AlarmTopicArn is empty, and only then", "Outputs Warning"
    if "AlarmTopicArn" not in str(warning.get("Value")):
        yield "does not name AlarmTopicArn", "Outputs Warning"


@rule(plant("UpkeepDlqAlarm", REMOVED), plant("EarnErrorsAlarm Properties MetricName", "Duration"))
def functions_and_dead_letter_queues_are_watched(template):
    """What fails in silence is found by members."""
    watched = defaultdict(set)
    for _, alarm in template.of("AWS::CloudWatch::Alarm"):
        for dimension in alarm.get("Dimensions", []):
            watched[alarm["MetricName"]].add(pointed_at(dimension["Value"]))
    for name, _ in template.functions():
        if name not in watched["Errors"]:
            yield "no alarm on its errors", name
    for name in sorted(template.dead_letter_queues() - watched["ApproximateNumberOfMessagesVisible"]):
        yield "no alarm on its messages", name


@rule(
    plant("EarnDamage", REMOVED),
    plant("EarnDamage Properties FilterPattern", '{ $.fields.code = "account_damaged" }'),
    plant("RedeemDamage Properties FilterPattern", '{ $.fields.code = "account_damaged" || $.fields.code = "programme_damaged" }'),
    plant("DamageAlarm", REMOVED),
)
def damage_is_noticed_wherever_it_is_met(template):
    """An account that is not what was written: whichever function meets it first says so in its own log."""
    filters = [item for _, item in template.of("AWS::Logs::MetricFilter") if "account_damaged" in item["FilterPattern"]]
    others = ("programme_damaged", "voucher_damaged")
    logs = {pointed_at(item["LogGroupName"]) for item in filters if all(code in item["FilterPattern"] for code in others)}
    for name, function in template.functions():
        if pointed_at(function["LoggingConfig"]["LogGroup"]) not in logs:
            yield "no metric of the damage that it meets", name
    metrics = {made["MetricName"] for item in filters for made in item["MetricTransformations"]}
    watched = {alarm.get("MetricName") for _, alarm in template.of("AWS::CloudWatch::Alarm")}
    for metric in sorted(metrics - watched):
        yield "no alarm watches it", metric


# ---- Running ---------------------------------------------------------------------------------------------------------


def problems(check, document):
    return [f"{what}, {where}" for what, where in check(Template(document))]


def check_all(document):
    """Yields (rule, its problems) for the template as it is."""
    for name, (check, _) in RULES.items():
        yield name, problems(check, document)


def check_the_rules(document):
    """Yields (rule, the plants it did not report): each plant must add a problem that was not there before."""
    for name, (check, plants) in RULES.items():
        before = set(problems(check, document))
        unseen = []
        for number, apply in enumerate(plants, 1):
            spoilt = copy.deepcopy(document)
            apply(spoilt)
            if set(problems(check, spoilt)) <= before:
                unseen.append(f"does not report its plant {number}")
        yield name, unseen if plants else ["has no plant"]
    yield "loops-are-expanded", list(check_the_expansion())


def check_the_expansion():
    """The local platform's tests read the same file: what is checked here is what runs there."""
    held = json.loads((Path(__file__).parent / "expand.json").read_text(encoding="utf-8"))
    if expanded(held["template"], held["files"].__getitem__) != held["expanded"]:
        yield "not what expand.json says"
    for resources in held["refused"]:
        try:
            expanded(held["template"] | {"Resources": resources}, held["files"].__getitem__)
            yield f"takes {resources}"
        except (LookupError, TypeError, ValueError):
            pass


def main():
    options = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    options.add_argument("--template", type=Path, default=REPOSITORY / "template.yaml")
    options.add_argument("--expanded", type=Path, metavar="OUT.json", help="write the expanded template here")
    options.add_argument("--self-test", action="store_true", help="check the rules instead of the template")
    arguments = options.parse_args()

    try:
        document = expand(arguments.template)
    except InvalidDocumentException as error:
        print(f"FAIL expands: {'; '.join(cause.message for cause in error.causes)}", "0 passed, 1 failed", sep="\n")
        return 1
    if arguments.expanded:
        arguments.expanded.parent.mkdir(parents=True, exist_ok=True)
        arguments.expanded.write_text(json.dumps(document, indent=2, sort_keys=True) + "\n", encoding="utf-8")

    checked = failed = 0
    for name, found in (check_the_rules if arguments.self_test else check_all)(document):
        print(f"FAIL {name}: {'; '.join(found)}" if found else f"ok {name}")
        checked, failed = checked + 1, failed + bool(found)
    print(f"{checked - failed} passed, {failed} failed")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
