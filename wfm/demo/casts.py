"""The two generated centres: that of `wfm demo`, and the small one of `wfm init` and data/samples."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

from wfm.demo.cast import Cast, Crew, Episode, Handling, Peak, Site, Traffic, Waiting

OFFICE = (Peak(10.5, 1.8, 1.0), Peak(15.0, 2.2, 0.8))
EVENING = (Peak(11.0, 2.5, 0.8), Peak(18.5, 2.3, 1.0))
VOICE = ("billing_voice", "tech_voice", "sales_voice", "vip_voice")
BERLIN = "Europe/Berlin"
OUTAGE_DAY = date(2026, 1, 21)
LIVE_DAYS = (1.18, 1.04, 0.97, 0.95, 0.86, 0.34, 0.0)

BILLING = Traffic(
    weekday_contacts=1860,
    weekday=LIVE_DAYS,
    peaks=OFFICE,
    night=0.12,
    growth=0.05,
    season=0.10,
    season_peak=20,  # yearly invoices
    day_cv=0.06,
    interval_cv=0.08,
    holiday=0.0,
    handling=Handling(talk_s=215, talk_cv=0.7, hold_share=0.25, hold_s=60, acw_s=55),
    waiting=Waiting(delayed=0.28, mean_s=32, patience_s=150),
)
TECH = Traffic(
    weekday_contacts=1135,
    weekday=(1.10, 1.02, 0.99, 0.97, 0.92, 0.66, 0.58),
    peaks=EVENING,
    night=0.10,
    growth=0.10,
    season=0.07,
    season_peak=350,
    day_cv=0.08,
    interval_cv=0.10,
    holiday=0.55,
    handling=Handling(talk_s=350, talk_cv=0.8, hold_share=0.40, hold_s=90, acw_s=70),
    waiting=Waiting(delayed=0.30, mean_s=40, patience_s=200),
)
SALES = Traffic(
    weekday_contacts=820,
    weekday=(1.08, 1.03, 1.0, 0.98, 0.91, 0.42, 0.0),
    peaks=(Peak(11.5, 1.7, 1.0), Peak(16.5, 2.0, 0.9)),
    night=0.10,
    growth=-0.03,
    season=0.12,
    season_peak=335,
    day_cv=0.09,
    interval_cv=0.10,
    holiday=0.0,
    handling=Handling(talk_s=270, talk_cv=0.9, hold_share=0.10, hold_s=40, acw_s=45),
    waiting=Waiting(delayed=0.26, mean_s=28, patience_s=100),
)
VIP = Traffic(
    weekday_contacts=230,
    weekday=(1.05, 1.02, 1.0, 1.0, 0.93, 0.50, 0.40),
    peaks=OFFICE,
    night=0.15,
    growth=0.0,
    season=0.05,
    season_peak=30,
    day_cv=0.05,
    interval_cv=0.05,
    holiday=0.5,
    handling=Handling(talk_s=290, talk_cv=0.7, hold_share=0.20, hold_s=50, acw_s=60),
    waiting=Waiting(delayed=0.16, mean_s=14, patience_s=240),
)
CHAT = Traffic(
    weekday_contacts=850,
    weekday=(1.10, 1.04, 1.0, 0.98, 0.88, 0.55, 0.0),
    peaks=EVENING,
    night=0.15,
    growth=0.18,
    season=0.06,
    season_peak=340,
    day_cv=0.08,
    interval_cv=0.10,
    holiday=0.0,
    handling=Handling(talk_s=500, talk_cv=0.6, hold_share=0.0, hold_s=0, acw_s=30),
    waiting=Waiting(delayed=0.30, mean_s=70, patience_s=240),
)
EMAIL = Traffic(
    weekday_contacts=650,
    weekday=(1.15, 1.05, 1.0, 0.96, 0.84, 0.42, 0.36),
    peaks=(Peak(10.0, 2.5, 1.0), Peak(20.0, 2.5, 0.7)),
    night=0.08,
    growth=-0.05,
    season=0.08,
    season_peak=20,
    day_cv=0.07,
    interval_cv=0.08,
    holiday=0.5,
    handling=Handling(talk_s=380, talk_cv=0.6, hold_share=0.0, hold_s=0, acw_s=20),
)

HAMBURG = Site(
    name="hamburg",
    prefix="H",
    share=0.6,
    cost_per_hour=25.0,
    crews=(
        Crew(("billing_voice",), 0.19),
        Crew(("tech_voice",), 0.23),
        Crew(("email",), 0.07),
        Crew(("support_chat",), 0.05),
        Crew(("billing_voice", "email"), 0.07),
        Crew(("billing_voice", "sales_voice"), 0.04),
        Crew(("tech_voice", "support_chat"), 0.09),
        Crew(("tech_voice", "billing_voice", "email"), 0.04),
        Crew(("vip_voice", "billing_voice"), 0.12),
        Crew(("vip_voice", "tech_voice"), 0.10),
    ),
)
PORTO = Site(
    name="porto",
    prefix="P",
    share=0.4,
    cost_per_hour=16.0,
    crews=(
        Crew(("sales_voice",), 0.22),
        Crew(("billing_voice",), 0.15),
        Crew(("tech_voice",), 0.18),
        Crew(("support_chat",), 0.06),
        Crew(("email",), 0.05),
        Crew(("sales_voice", "billing_voice"), 0.08),
        Crew(("tech_voice", "support_chat"), 0.12),
        Crew(("support_chat", "email"), 0.08),
        Crew(("billing_voice", "tech_voice"), 0.06),
    ),
)
EPISODES = (
    Episode("sale", "campaign", ("sales_voice", "support_chat"), date(2025, 9, 8), days=6, factor=1.35),
    Episode("sale", "campaign", ("sales_voice", "support_chat"), date(2025, 11, 24), days=6, factor=1.35),
    Episode("sale", "campaign", ("sales_voice", "support_chat"), date(2026, 3, 16), days=6, factor=1.35),
    Episode("invoice letter", "campaign", ("billing_voice", "email"), date(2026, 3, 5), days=2, effect=1.2),
    Episode("Christmas Eve", "closed", ("billing_voice",), date(2025, 12, 24), from_min=12 * 60),
    Episode("New Year's Eve", "closed", ("billing_voice",), date(2025, 12, 31), from_min=12 * 60),
    # Nobody told the planner: the outage, and the rush of callers after it, are for `wfm doctor` to find.
    Episode("outage", "outage", VOICE, OUTAGE_DAY, 1, 600, 750, factor=0.0, told=False, timezone=BERLIN),
    Episode("redials", "outage", VOICE, OUTAGE_DAY, 1, 750, 810, factor=1.6, told=False, timezone=BERLIN),
)
DEMO = Cast(
    config="centre.toml",
    traffic={
        "billing_voice": BILLING,
        "tech_voice": TECH,
        "sales_voice": SALES,
        "vip_voice": VIP,
        "support_chat": CHAT,
        "email": EMAIL,
    },
    sites=(HAMBURG, PORTO),
    contracts={"full_time": 0.64, "part_time": 0.22, "flex": 0.14},
    episodes=EPISODES,
    agents=150,
    last_day=date(2026, 3, 1),
    history_days=392,  # 56 weeks: a year, and four weeks of it twice
    log_days=14,
)
SAMPLE_SITE = Site(
    name="office",
    prefix="A",
    share=1.0,
    cost_per_hour=20.0,
    crews=(Crew(("hotline",), 0.5), Crew(("hotline", "chat"), 0.25), Crew(("chat", "hotline"), 0.25)),
)
SAMPLE = Cast(
    config="sample.toml",
    traffic={
        "hotline": replace(BILLING, weekday_contacts=200, season=0.0),
        "chat": replace(CHAT, weekday_contacts=80, season=0.0),
    },
    sites=(SAMPLE_SITE,),
    contracts={"full_time": 0.75, "part_time": 0.25},
    episodes=(),
    agents=12,
    last_day=date(2026, 3, 1),
    history_days=56,
    log_days=7,
)
