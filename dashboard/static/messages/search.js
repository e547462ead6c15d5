/** Words of the search view. */

export default {
  en: {
    "search.found": { one: "{count} mention", other: "{count} mentions" },
    "search.order": "Order",
    "search.order_newest": "Newest first",
    "search.order_best": "Best match first",
    "search.export": "Download",
    "search.about_export": "About the data",
    "search.nothing_found": "Nothing was found",
    "search.nothing_hint": "Try fewer words, another period, or take a choice away.",
    "search.results": "Mentions",
  },
  ru: {
    "search.found": { one: "{count} упоминание", few: "{count} упоминания", many: "{count} упоминаний", other: "{count} упоминания" },
    "search.order": "Порядок",
    "search.order_newest": "Сначала новые",
    "search.order_best": "Сначала самые подходящие",
    "search.export": "Скачать",
    "search.about_export": "О данных",
    "search.nothing_found": "Ничего не нашлось",
    "search.nothing_hint": "Попробуйте меньше слов, другой период или уберите что-нибудь из выбранного.",
    "search.results": "Упоминания",
  },
  lt: {
    "search.found": { one: "{count} atsiliepimas", few: "{count} atsiliepimai", many: "{count} atsiliepimo", other: "{count} atsiliepimų" },
    "search.order": "Tvarka",
    "search.order_newest": "Pirma naujausi",
    "search.order_best": "Pirma tinkamiausi",
    "search.export": "Atsisiųsti",
    "search.about_export": "Apie duomenis",
    "search.nothing_found": "Nieko nerasta",
    "search.nothing_hint": "Pabandykite mažiau žodžių, kitą laikotarpį arba pašalinkite ką nors iš pasirinktų.",
    "search.results": "Atsiliepimai",
  },
};
