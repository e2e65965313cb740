"""The HTML of a mail, from the parts of a notice: no tables, nothing that is fetched, readable in light and dark. Pure.

What it looks like stands in one style sheet, so that a mail program that takes it away, or has colours of its own,
leaves headings, paragraphs and links in their order. Contrasts are above 7 to 1 (WCAG 2.2, 1.4.6).
"""

from __future__ import annotations

from jinja2 import Environment

from sensor_hub.alerts.notice import SIMULATED_LINE, TAKE
from sensor_hub.dispatch.letter import Answer, Facts, Heading, Items, Letter, Paragraph

KEY = "The darker, the more movement. Hatched in red: nothing was heard. An upright line: an alert begins."
BUTTON = {TAKE.rstrip(":"): "Take it"}
TEMPLATE = """\
<!DOCTYPE html>
<html lang="en" dir="ltr">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<meta name="supported-color-schemes" content="light dark">
<title>{{ letter.title }}</title>
<style>
:root { color-scheme: light dark; supported-color-schemes: light dark; }
body { margin: 0; padding: 16px; background: #ffffff; color: #0b0c0c; font: 18px/1.5 Arial, Helvetica, sans-serif; }
.mail { max-width: 640px; margin: 0 auto; }
h1 { margin: 0 0 16px; padding-left: 12px; border-left: 8px solid #505a5f; font-size: 26px; line-height: 1.25; }
.urgent h1 { border-color: #b3121d; }
h2 { margin: 24px 0 8px; font-size: 20px; line-height: 1.3; }
p, ul { margin: 0 0 16px; }
a { color: #003c70; }
a.button { display: inline-block; padding: 12px 20px; background: #00532d; color: #ffffff; font-weight: bold; }
img { width: 100%; max-width: 640px; height: auto; background: #ffffff; }
@media (prefers-color-scheme: dark) {
body { background: #16191b; color: #f3f2f1; }
.urgent h1 { border-color: #ff8f8f; }
a { color: #9fd0ff; }
a.button { background: #8fe0b4; color: #0b0c0c; }
}
</style>
</head>
<body>
<div class="mail {{ letter.urgency }}" lang="en" role="article" aria-roledescription="email"
aria-label="{{ letter.what }}">
<h1>{{ letter.what }}</h1>
{% if letter.is_simulated %}
<p><strong>{{ simulated }}</strong></p>
{% endif %}
{% for block in letter.blocks %}
{% if is(block, Heading) %}
<h2>{{ block.text }}</h2>
{% elif is(block, Paragraph) %}
<p>{% for line in block.text.splitlines() %}{% if not loop.first %}<br>{% endif %}{{ line }}{% endfor %}</p>
{% elif is(block, Facts) %}
<p>{% for label, value in block.rows %}{% if not loop.first %}<br>{% endif %}<strong>{{ label }}:</strong> \
{{ value }}{% endfor %}</p>
{% elif is(block, Items) %}
<ul>{% for text in block.texts %}<li>{{ text }}</li>{% endfor %}</ul>
{% elif is(block, Answer) and block.words in buttons %}
<p>{{ block.words }}:</p>
<p><a class="button" href="{{ block.link }}">{{ buttons[block.words] }}</a></p>
{% elif is(block, Answer) %}
<p><a href="{{ block.link }}">{{ block.words }}</a></p>
{% endif %}
{% endfor %}
{% if picture is not none %}
<h2>The home until this mail was sent</h2>
<p><img src="cid:{{ picture }}" width="640" alt="{{ words }}"></p>
<p>{{ key }}</p>
{% endif %}
</div>
</body>
</html>
"""
_PAGE = Environment(autoescape=True, trim_blocks=True, lstrip_blocks=True).from_string(
    TEMPLATE,
    {
        "is": isinstance,
        "Heading": Heading,
        "Paragraph": Paragraph,
        "Facts": Facts,
        "Items": Items,
        "Answer": Answer,
        "buttons": BUTTON,
    },
)


def html_of(letter: Letter, *, picture: str | None = None, words: str = "") -> str:
    """The page; `picture`: the content id of what is shown at its end, and `words` what that says."""
    return _PAGE.render(letter=letter, picture=picture, words=words, simulated=SIMULATED_LINE, key=KEY)
