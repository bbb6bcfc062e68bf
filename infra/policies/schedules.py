"""What the clock starts: rules of check_template.py."""

import copy
import re
import tomllib
from pathlib import Path
from zoneinfo import ZoneInfoNotFoundError

from cron import changes_its_clocks, cron
from rule import REMOVED, plant, rule

REPOSITORY = Path(__file__).resolve().parents[2]


@rule(
    plant("UpkeepFunctionSettleDueAccounts Properties ScheduleExpression", "cron(5 * * *)"),
    plant("UpkeepFunctionSettleDueAccounts Properties ScheduleExpression", "cron(65 * * * ? *)"),
    plant("UpkeepFunctionSettleDueAccounts Properties ScheduleExpression", "cron(5 * * * * *)"),
    plant("UpkeepFunctionSettleDueAccounts Properties ScheduleExpression", "hourly"),
)
def schedules_have_a_valid_expression(template):
    """A bad expression is found when deploying, after everything else has been changed."""
    for name, schedule in template.schedules():
        expression = schedule["ScheduleExpression"]
        try:
            if not re.fullmatch(r"rate\([1-9]\d* (minute|hour|day)s?\)", expression):
                cron(expression)
        except ValueError as error:
            yield f"{expression}: {error}", name


def a_second_sweep(document):
    resources = document["Resources"]
    resources["TwiceRole"] = copy.deepcopy(resources["UpkeepRole"])
    resources["TwiceGrants"] = copy.deepcopy(resources["UpkeepGrants"])
    resources["TwiceGrants"]["Properties"]["RoleName"] = {"Ref": "TwiceRole"}


@rule(a_second_sweep)
def one_role_sweeps_what_is_due(template):
    """Sweeps of the same shards by two schedules are paid for twice, and the second finds nothing."""
    sweeps = [name for name, _ in template.of("AWS::IAM::Role")
              if ("dynamodb:Query", "AccountsTable/index/due") in template.granted(name)]
    if len(sweeps) != 1:
        yield f"{', '.join(sweeps) or 'nobody'} may query the index due", "AccountsTable"


@rule(
    plant("UpkeepFunctionSettleDueAccounts Properties Target DeadLetterConfig", REMOVED),
    plant("UpkeepFunctionSettleDueAccounts Properties Target RetryPolicy", REMOVED),
)
def schedules_have_retries_and_a_dead_letter_queue(template):
    """A run that could not be started must be tried again, and must not vanish."""
    for name, schedule in template.schedules():
        for part in ("RetryPolicy", "DeadLetterConfig"):
            if part not in schedule["Target"]:
                yield f"no {part}", name


def daily_at_two_in_new_york(document):
    schedule = document["Resources"]["UpkeepFunctionSettleDueAccounts"]["Properties"]
    schedule |= {"ScheduleExpression": "cron(30 2 * * ? *)", "ScheduleExpressionTimezone": "America/New_York"}


@rule(
    daily_at_two_in_new_york,
    plant("UpkeepFunctionSettleDueAccounts Properties ScheduleExpressionTimezone", "Asia/Shangai"),
)
def daily_schedules_use_an_hour_that_exists_once(template):
    """When clocks change, 01:00 to 03:00 may come twice or not at all. Hourly runs do not mind."""
    for name, schedule in template.schedules():
        zone = template.default_of(schedule.get("ScheduleExpressionTimezone", "UTC"))
        try:
            changes = changes_its_clocks(zone)
            hours = cron(schedule["ScheduleExpression"])["hours"]
        except ZoneInfoNotFoundError:
            yield f"no time zone {zone}", name
            continue
        except ValueError:
            continue  # a rate has no hour; a bad expression has its own rule
        if changes and len(hours) == 1 and hours <= {1, 2}:
            yield f"{schedule['ScheduleExpression']} in {zone}, whose clocks change", name


@rule(plant("Parameters ProgrammeTimezone Default", "Europe/Berlin"))
def schedules_default_to_the_time_zone_of_the_programme(template):
    """The rules and the clocks that start them must agree on where a day begins."""
    programme = tomllib.loads((REPOSITORY / "programme.toml").read_text(encoding="utf-8"))["programme"]
    default = template.parameters["ProgrammeTimezone"]["Default"]
    if default != programme["timezone"]:
        yield f"{default}, programme.toml says {programme['timezone']}", "ProgrammeTimezone"
