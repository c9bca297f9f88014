"""What a user agent says of itself: rules that hold whatever a program is called, and names that no rule would find.

A browser keeps the shape that sites have asked of it since 1994: `Mozilla/5.0 (system) engine browser`. A program that
means to be told apart names its owner's page or mailbox, calls itself `compatible` with nothing, or does not take the
shape at all. The model name of a phone (`XBot Junior`, `VR BOT 552`) is nobody's confession: it is left out before
lists of crawlers are asked.
"""

from __future__ import annotations

import re

CALLED_COMPATIBLE = re.compile(
    r"\(\s*compatible;?(?![^)]*(?:msie|konqueror|opera|icab|hotjava|webtv|wince|windows ce|palm|blackberry|galeon|netpositive|amiga"
    r"|offbyone|america online|links|dillo|escape|iemobile|netfront|ibrowse|w3m|voyager|arora|abrowse|beonex|polaris|webpositive|teleca|oss/|viera|linux [m\d]))"
    r"|gecko;\s*compatible;|\bcompatible; [\w-]+;? ?httpclient",
    re.IGNORECASE,
)
"""`(compatible; Something/1.0)`: since Internet Explorer, a browser that calls itself compatible says with which."""

OWNER = re.compile(
    r"\+\s?\(?(?:https?:|www\.|mailto:)|https?://(?!www\.opera|appworld\.blackberry|.*(?:webview|browser|hbbtv|midp))"
    r"|[\w.-]+(?:@|\(at\)|\[at\])[\w-]+\.[a-z]{2,}",
    re.IGNORECASE,
)
"""The page or mailbox of whoever runs it."""

BROWSER = re.compile(
    r"^\W*(?:anonymous, )?(?:mozilla/|opera[/ ]|dalvik/|mobile safari|safari/|firefox/|camino|chrome/\d|iemobile|lynx/|e?links[/ ]|w3m/|ibrowse|amiga|icab|dillo"
    r"|netsurf|cyberdog|space bison|roku|vizio|appletv|tivo|xbox|fubotv|vlc|quicktime|mpv)"
    r"|applewebkit|khtml|gecko/|presto/|trident/|netfront|mosaic|voyager/|\w+browser/|msie \d|midp|cldc|up\.(?:browser|link)|obigo"
    r"|opera m(?:ini|obi)|ucweb|uc ?browser|palmsource|symbian|series ?60|docomo|j-phone|kddi|softbank|vodafone|hbbtv|smart-?tv|upnp/"
    r"|nintendo|playstation|maui|brew|teleca|dorado|fban/|windowsmobile"
    r"|nokia|blackberry|samsung|sony|\blge?[a-z]{0,2}[-/ \d]|\bmot(?:o|-)|^sie-|^sec-|\bzte|huawei|alcatel|^sagem|philips|panasonic"
    r"|^sharp|pantech|hisense|^bird|^haier|gionee|lenovo|\bhtc|karbonn|micromax|^spice|tianyu|konka|coolpad|k-touch|oppo|vivo|xiaomi"
    r"|tecno|^itel|^amoi|android|iphone|ipad|ipod|\bios\b|windows nt|mac os|darwin|cfnetwork|tizen|webos",
    re.IGNORECASE,
)
"""What a browser or an application on somebody's device has: the opening word, an engine, its phone or its system."""

DEVICE = re.compile(
    r"(?<=android)[ /\d.]*;[^)]*|hbbtv/[^;]*\([^)]*\)?|(?:build|device)[/:][^);]*|baiduboxapp/\S*|\ba\d\d[mtfw]\b|s\.p\.a\."
    r"|qqdownload \d+|fxm-\S*",
    re.IGNORECASE,
)
"""Names of models and numbers of builds, in which a list of crawlers finds its words by chance."""

NAMED = re.compile(
    r"catchpoint|\bptst\b|speedcurve|\brigor\b|dejaclick|functionize|synthetic|smartbear|neustar|\bgomez|dynatrace|thousandeyes"
    r"|alertsite|webpurify|image ?proxy|hydra|securityheaders|perimeterx|censys|shodan|nessus|qualys|nikto|sqlmap|arachni|acunetix"
    r"|burpcollaborator|\bnmap\b|masscan|zgrab|\$\{jndi|oast\.|watchtowr|foregenix|sitelock|onlyscans|scan@|/scanning|abuse\."
    r"|wappalyzer|builtwith|marketgoo|scope3|taginspector|onetrust|cookiehub|criticalcss|collapsify|archivebox|sqwatcher"
    r"|devin/|manus-user|claude-|openai|perplexity-|meta-external|metaiab|gemini-|cohere|anthropic|\w\.ai/|\bnewsai|newsnow"
    r"|httrack|siteimprove|silktide|yellowlab|miniature\.io|testlocally|wechatdevtools|archive-it|iaharvester|internetarchive"
    r"|internal dummy connection|health ?check|(?:link|site|url|exchange)[ -]?check|urllookup|prefetch|(?:existence|protocol) discovery"
    r"|screenshot|hotjar|urlscan|webchk|pa11y|duplexweb|storebot|mediapartners|grapeshot|thetradedesk|\bttd-|appinsights"
    r"|google-(?:pinpoint|cloud|physicalweb|adwords|read|site|structured|safety|extended)|xtate|keydrop|readable/|ps_daily|\bdlc/"
    r"|feeddler|newsblur|downcast|readkit|httpagent|dotcom-monitor|google-assess|adsenseinfeed|scanner\b|cloudflarediag|via secureurl|safari/[\d.]+ splash|\) splash ",
    re.IGNORECASE,
)
"""Programs in a browser's clothes, and services whose lists are behind: monitors, scanners, assistants' fetchers."""
