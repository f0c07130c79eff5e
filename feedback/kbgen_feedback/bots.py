"""Tell readers from machines by what machines say of themselves."""

import re
from collections.abc import Mapping

_DECLARED = re.compile(
    r"bot\b|bot[/_;-]|crawl|spider|slurp|archiver|scrap|monitor|uptime|pingdom|lighthouse"
    r"|facebookexternalhit|mediapartners|preview|validator|feedfetch",
    re.IGNORECASE,
)
_AUTOMATED = re.compile(
    r"headlesschrome|phantomjs|selenium|puppeteer|playwright|wget|curl/|python|httpx|aiohttp"
    r"|java/|okhttp|go-http-client|libwww|axios|node-fetch|undici|guzzle",
    re.IGNORECASE,
)


def named(headers: Mapping[str, str], automation: bool = True) -> str:
    """Return the name of the kind of bot that sent these headers, or an empty text.

    Args:
        headers: the request's, with names in lower case.
        automation: whether driven browsers and programs are bots; on the own machine they are not.
    """
    agent = headers.get("user-agent", "")
    if _DECLARED.search(agent):
        return "bot.declared"
    if automation and _AUTOMATED.search(agent):
        return "bot.automated"
    purpose = headers.get("sec-purpose", "") or headers.get("purpose", "")
    return "bot.prefetch" if "prefetch" in purpose.lower() else ""
