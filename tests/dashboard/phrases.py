"""Sentences that look like those of customers: two brands' samples are put together from them.

`{n}` is a number and `{place}` a branch, so that hardly two texts are the same.
"""

from __future__ import annotations

from typing import Final

# What a topic is said of, by polarity and language.
PHRASES: Final[dict[str, dict[str, dict[str, str]]]] = {
    "delivery": {
        "-": {
            "ru": "Курьер опоздал на {n} дня и даже не позвонил.",
            "en": "The parcel came {n} days late and nobody called.",
            "lt": "Siunta vėlavo {n} dienas ir niekas nepaskambino.",
        },
        "+": {
            "ru": "Курьер приехал за {n} часа, всё аккуратно.",
            "en": "The courier arrived within {n} hours, well done.",
            "lt": "Kurjeris atvežė per {n} valandas, labai tvarkingai.",
        },
    },
    "speed": {
        "-": {
            "ru": "Простоял в очереди {n} минут, работала одна касса.",
            "en": "I waited in the queue for {n} minutes at the only till.",
            "lt": "Laukiau eilėje {n} minučių, dirbo viena kasa.",
        },
        "+": {
            "ru": "Приняли без очереди, всё заняло {n} минут.",
            "en": "No queue at all, served within {n} minutes.",
            "lt": "Jokios eilės, aptarnavo per {n} minučių.",
        },
    },
    "politeness": {
        "-": {
            "ru": "Сотрудница нагрубила и бросила трубку.",
            "en": "The assistant was rude and hung up on me.",
            "lt": "Darbuotoja nemandagiai atsakė ir numetė ragelį.",
        },
        "+": {
            "ru": "Очень вежливая девушка на выдаче.",
            "en": "The lady at the counter was very kind.",
            "lt": "Prie langelio dirbanti mergina labai maloni.",
        },
    },
    "price": {
        "-": {
            "ru": "За {n} евро ожидал большего, дорого.",
            "en": "For {n} euro I expected more, too expensive.",
            "lt": "Už {n} eurų tikėjausi daugiau, per brangu.",
        },
        "+": {
            "ru": "Цена приятная, всего {n} евро.",
            "en": "A fair price, only {n} euro.",
            "lt": "Maloni kaina, tik {n} eurų.",
        },
    },
    "quality": {
        "-": {
            "ru": "Чайник сломался через {n} дней.",
            "en": "The kettle broke after {n} days.",
            "lt": "Virdulys sugedo po {n} dienų.",
        },
        "+": {
            "ru": "Качество отличное, пользуюсь уже {n} месяцев.",
            "en": "Great quality, I have used it for {n} months.",
            "lt": "Kokybė puiki, naudojuosi jau {n} mėnesių.",
        },
    },
    "usability": {
        "-": {
            "ru": "Приложение вылетает на экране оплаты.",
            "en": "The app crashes on the payment screen.",
            "lt": "Programėlė užsidaro apmokėjimo lange.",
        },
        "+": {
            "ru": "Приложение удобное, заказал в два касания.",
            "en": "The app is handy, I ordered in two taps.",
            "lt": "Programėlė patogi, užsakiau dviem paspaudimais.",
        },
    },
    "resolution": {
        "-": {
            "ru": "Писал в поддержку {n} раза, вопрос так и не решили.",
            "en": "I wrote to support {n} times and nothing was solved.",
            "lt": "Rašiau pagalbai {n} kartus, klausimo taip ir neišsprendė.",
        },
        "+": {
            "ru": "Поддержка решила вопрос с первого раза.",
            "en": "Support solved it at the first contact.",
            "lt": "Pagalba viską išsprendė iš pirmo karto.",
        },
    },
}
# Who writes, and where: a sentence without a topic.
OPENINGS: Final = {
    "ru": ("Заказываю здесь второй год.", "Был в отделении {place}.", "Пишу первый раз."),
    "en": ("I order here every month.", "Visited the {place} branch.", "My first review."),
    "lt": ("Čia perku antrus metus.", "Buvau skyriuje {place}.", "Rašau pirmą kartą."),
}
# What else there is to tell, so that few texts are near-duplicates of others.
ENDINGS: Final = {
    "ru": (
        "Заказ {n}, оформлял вечером через сайт.",
        "Брал подарок маме ко дню рождения.",
        "Сосед пользуется давно, он и посоветовал сюда обратиться.",
        "Покупка обошлась нам в {n} рублей вместе с упаковкой.",
        "Дальше посмотрим, пока больше рассказать нечего.",
        "Приезжали всей семьёй, дети успели заскучать.",
        "Фото приложу позже, когда доберусь до компьютера.",
        "Чек номер {n} сохранил на всякий случай.",
        "Второй раз наступает лето, а я снова здесь.",
    ),
    "en": (
        "Order number {n}, placed on a Sunday evening.",
        "It was a present for my sister's new flat.",
        "A colleague at work had recommended them to us.",
        "I may add a picture once I am back home.",
        "We came with the kids, on foot, in the rain.",
        "My receipt {n} is still somewhere in the drawer.",
    ),
    "lt": (
        "Užsakymas {n}, pateiktas sekmadienio vakare.",
        "Pirkau dovaną sesers naujam butui.",
        "Kolegė iš darbo buvo patarusi kreiptis čia.",
        "Nuotrauką pridėsiu vėliau, kai grįšiu namo.",
        "Atėjome su vaikais, pėsčiomis, per lietų.",
        "Čekis {n} dar guli kažkur stalčiuje.",
    ),
}
# The week in which one brand's parcels stay away.
CRISIS: Final = (
    "Посылку ждали {n} дней, а её так и не привезли.",
    "Доставка опоздала на {n} дней, никто не отвечает.",
    "Третий перенос подряд: курьер не приехал и за {n} часов.",
    "Обещали привезти завтра, прошло {n} дней, заказа нет.",
    "Пункт выдачи потерял посылку, ищут {n} дней.",
    "Курьер отметил доставку, а заказ не отдал, жду {n} часов.",
)
REPLIES: Final = {
    "ru": "Здравствуйте! Нам очень жаль. Напишите нам номер заказа, разберёмся сегодня же.",
    "en": "Hello! We are sorry. Please send us your order number and we will look into it.",
    "lt": "Laba diena! Atsiprašome. Parašykite užsakymo numerį ir šiandien pat išsiaiškinsime.",
}
COPIED: Final = (
    "Купил здесь диван, ждал сорок дней, привезли не тот цвет и поцарапанную спинку, "
    "деньги вернули только через месяц."
)
ADVERT: Final = (
    "Скидка 30% на первый заказ! Вводи промокод PARUS30 и переходи https://deal.example/"
)
