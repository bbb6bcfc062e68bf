"""Expands what `AWS::LanguageExtensions` and `AWS::Include` will: SAM's translator reads neither loops nor includes.

As much of both as template.yaml uses: loops over lists of words, FindInMap, Sub, files of this repository. The local
platform does the same (infra/sam/src/template/loops.rs), and expand.json holds both to one result.
"""

LOOP = "Fn::ForEach::"


def expanded(template, read):
    """The template without loops, mappings and includes; `read` gives what an included file says."""
    maps = template.get("Mappings", {})
    plain = {part: written_out(content, {}, maps, read) for part, content in template.items() if part != "Mappings"}
    return plain | {"Transform": [name for name in template["Transform"] if name != "AWS::LanguageExtensions"]}


def written_out(node, words, maps, read):
    """A part of the template, with `words` for the names of the loops around it."""
    inner = lambda part: written_out(part, words, maps, read)
    match node:
        case {"Ref": str(name)} if name in words:
            return words[name]
        case {"Fn::Sub": str(text)}:
            return sub(filled(text, words))
        case {"Fn::Sub": [text, variables]}:
            return sub(filled(filled(text, words), {name: as_text(inner(value)) for name, value in variables.items()}))
        case {"Fn::FindInMap": [name, key, word]}:
            return maps[inner(name)][inner(key)][inner(word)]
        case {"Fn::Transform": {"Name": "AWS::Include", "Parameters": {"Location": path}}}:
            return inner(read(path))
        case {"Fn::Transform": other}:
            raise ValueError(f"no transform but AWS::Include is known here: {other}")
        case dict():
            entries = [entry for key, value in node.items() for entry in entries_of(key, value, words, maps, read)]
            if len(dict(entries)) < len(entries):
                raise ValueError(f"two have one name among {', '.join(name for name, _ in entries)}")
            return dict(entries)
        case list():
            return [inner(part) for part in node]
    return node


def entries_of(key, value, words, maps, read):
    """What stands for one entry of a mapping: itself, or what a loop makes of it."""
    if not key.startswith(LOOP):
        return [(key, written_out(value, words, maps, read))]
    match value:
        case [str(name), list(items), dict(body)] if all(isinstance(item, str) for item in items):
            scopes = [words | {name: item} for item in items]
        case _:
            raise ValueError(f"{key} takes a name, a list of words and a mapping")
    return [
        (filled(made, scope), content)
        for scope in scopes
        for entry in body.items()
        for made, content in entries_of(*entry, scope, maps, read)
    ]


def filled(text, words):
    """A text with words in place of their names."""
    for name, word in words.items():
        text = text.replace(f"${{{name}}}", word)
    return text


def sub(text):
    """A Sub, or its text when nothing is left to put in."""
    return {"Fn::Sub": text} if "${" in text else text


def as_text(value):
    """A variable of a Sub, as it stands in the text itself."""
    match value:
        case {"Ref": name}:
            return f"${{{name}}}"
        case str():
            return value
    raise ValueError(f"{value} cannot be put into a text")
