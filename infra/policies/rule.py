"""What a rule is: a check, and the violations that it must report."""

RULES = {}
REMOVED = object()
SECTIONS = {"Conditions", "Outputs", "Parameters"}


def rule(*plants):
    """Registers a rule under the words of its function's name, with the changes that must make it report."""

    def register(check):
        RULES[check.__name__.replace("_", "-")] = check, plants
        return check

    return register


def plant(path, value):
    """A violation: sets what the path leads to (from the resources, or from another section that it names), or removes it."""

    def apply(document):
        *way, last = path.split()
        place = document if way and way[0] in SECTIONS else document["Resources"]
        for step in way:
            place = place[int(step) if isinstance(place, list) else step]
        if value is REMOVED:
            del place[last]
        elif isinstance(place, list):
            place[int(last)] = value
        else:
            place[last] = value

    return apply
