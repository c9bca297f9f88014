"""Which mail domains say where somebody works: those that anybody, or a machine, can have an address at do not.

A short list of our own, of what leads really use; dbt's seed `email_domains` holds the same one, and a test compares them.
"""

from __future__ import annotations

from enum import StrEnum

from domain.contacts import Domain, EmailAddress

FREE = frozenset(
    """
    126.com 163.com abv.bg aim.com alice.it aol.com arcor.de att.net bellsouth.net bigpond.com bk.ru bluewin.ch
    blueyonder.co.uk bol.com.br btinternet.com centrum.cz charter.net comcast.net cox.net daum.net duck.com
    earthlink.net email.com excite.com fastmail.com fastmail.fm foxmail.com free.fr freenet.de gmail.com gmx.at
    gmx.ch gmx.com gmx.de gmx.net googlemail.com hanmail.net hetnet.nl hey.com hispeed.ch home.nl hotmail.co.uk
    hotmail.com hotmail.de hotmail.es hotmail.fr hotmail.it hushmail.com i.ua icloud.com inbox.lv inbox.ru
    interia.pl juno.com kpnmail.nl laposte.net libero.it list.ru live.co.uk live.com live.fr live.nl lycos.com
    mac.com mail.com mail.de mail.ru mailbox.org me.com msn.com naver.com ntlworld.com o2.pl onet.pl optusnet.com.au
    orange.fr outlook.com outlook.de outlook.es outlook.fr passport.com planet.nl pm.me post.com posteo.de proton.me
    protonmail.ch protonmail.com qq.com rambler.ru rediffmail.com rocketmail.com rogers.com sapo.pt sbcglobal.net
    seznam.cz sfr.fr shaw.ca sina.com sky.com skynet.be sohu.com sympatico.ca t-online.de telefonica.net telenet.be
    telia.com terra.com.br tin.it tiscali.it tuta.io tutamail.com tutanota.com ukr.net uol.com.br usa.com
    verizon.net virgilio.it virginmedia.com wanadoo.fr web.de wp.pl xtra.co.nz ya.ru yahoo.ca yahoo.co.in
    yahoo.co.jp yahoo.co.uk yahoo.com yahoo.com.br yahoo.de yahoo.es yahoo.fr yahoo.in yahoo.it yandex.com yandex.ru
    yeah.net ymail.com ziggo.nl zoho.com zohomail.com
    """.split()  # noqa: SIM905  a list of words reads better as words
)
DISPOSABLE = frozenset(
    """
    10minutemail.com 10minutemail.net 20minutemail.com 33mail.com anonbox.net armyspy.com burnermail.io byom.de
    crazymailing.com cuvox.de dayrep.com discard.email discardmail.com dispostable.com dropmail.me einrot.com
    emailondeck.com emltmp.com fakeinbox.com fakemail.net fleckens.hu getairmail.com getnada.com grr.la
    guerrillamail.biz guerrillamail.com guerrillamail.net guerrillamail.org gustr.com harakirimail.com
    inboxkitten.com incognitomail.org jetable.org jourrapide.com linshiyouxiang.net luxusmail.org mail-temp.com
    mailcatch.com maildrop.cc mailexpire.com mailinator.com mailnesia.com mailnull.com mailsac.com meltmail.com
    mintemail.com minutebox.com moakt.com mohmal.com mt2015.com mvrht.net mytemp.email nada.email rhyta.com
    sharklasers.com sogetthis.com spam4.me spambox.us spamex.com spamgourmet.com superrito.com teleworm.us
    temp-mail.io temp-mail.org tempail.com tempinbox.com tempmail.com tempmail.net tempmailaddress.com tempmailo.com
    tempr.email throwawaymail.com trash-mail.com trashmail.com trashmail.de trashmail.net wegwerfemail.de
    wegwerfmail.de yopmail.com yopmail.fr yopmail.net
    """.split()  # noqa: SIM905  a list of words reads better as words
)


class MailDomainType(StrEnum):
    """What an address's domain tells about its owner."""

    CORPORATE = "corporate"
    FREE = "free"
    DISPOSABLE = "disposable"


def type_of(domain: Domain) -> MailDomainType:
    """Disposable before free before corporate; a subdomain of a listed one counts as it."""
    labels = domain.value.split(".")
    suffixes = {".".join(labels[start:]) for start in range(len(labels) - 1)}
    if suffixes & DISPOSABLE:
        return MailDomainType.DISPOSABLE
    return MailDomainType.FREE if suffixes & FREE else MailDomainType.CORPORATE


def company_domain(email: EmailAddress) -> Domain | None:
    """The domain that stands for somebody's company, or none."""
    return email.domain if type_of(email.domain) is MailDomainType.CORPORATE else None
