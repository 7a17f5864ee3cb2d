"""What every fiscal result has to say about itself, in both languages."""

from valley_analysis.bilingual import Bilingual

NOTES: tuple[Bilingual, ...] = (
    Bilingual(
        en="Static: the participant does the same under every regime, and prices without VAT stay; "
        "neither moves, hires or invests because of the tax, nor does anybody else.",
        ru="Оценка статическая: при любом режиме участник ведёт себя одинаково, цены без НДС не "
        "меняются; никто не переезжает, не нанимает и не инвестирует из-за налогов.",
    ),
    Bilingual(
        en="VAT forgone by the participant is the rate times its taxed value added: the VAT it "
        "does not charge, less the input VAT it may no longer deduct, which becomes a cost. "
        "Customers who pay VAT themselves then have nothing to deduct: that part comes back to the "
        "budget and stands as a negative item.",
        ru="Выпадающий НДС участника — ставка, умноженная на его облагаемую добавленную стоимость: "
        "НДС, который он не начисляет, за вычетом входного НДС, который уже нельзя вычесть и "
        "который становится затратами. Покупателям — плательщикам НДС при этом нечего вычитать: "
        "эта часть возвращается в бюджет и показана отрицательной статьёй.",
    ),
    Bilingual(
        en="If annual revenue passes the cap, the exemption from profit tax is lost from the first "
        "day of that tax period, the year; profit is then taxed at the reduced rate until profit "
        "added up since that day passes its own cap, and from the first day of the year in which "
        "it does at the general rate, with arrears. VAT ends with the quarter's first day, "
        "contributions and property tax with the year's.",
        ru="Если годовая выручка превысила предел, освобождение от налога на прибыль утрачивается "
        "с первого дня этого налогового периода, то есть года; далее прибыль облагается по "
        "пониженной ставке, пока прибыль, накопленная с этого дня, не превысит свой предел, а "
        "с первого дня года превышения — по общей ставке, с доплатой. Для НДС это первый день "
        "квартала, для взносов и налога на имущество — первый день года.",
    ),
    Bilingual(
        en="The clock of all terms is the participant's own status, not the decree on its valley. "
        "A month is covered if its first day lies within the term; annual amounts are spread "
        "evenly over months.",
        ru="Все сроки отсчитываются от статуса самого участника, а не от постановления о долине. "
        "Месяц охвачен льготой, если его первый день попадает в срок; годовые суммы распределены "
        "по месяцам поровну.",
    ),
    Bilingual(
        en="Years after the date of the law are taxed by the law as known on that date; limits of "
        "contributions and the minimum wage grow by the stated indexation, the caps on revenue and "
        "profit do not.",
        ru="Годы после даты, на которую взято право, облагаются по праву, известному на эту дату; "
        "предельные базы и МРОТ растут на заданную индексацию, пределы выручки и прибыли — нет.",
    ),
    Bilingual(
        en="Left out: contributions for injuries, personal income tax, depreciation rules, rent "
        "reliefs, grants, regional laws other than those in the register, and what the regime "
        "costs to run.",
        ru="Не учтены: взносы на травматизм, НДФЛ, правила амортизации, льготы по аренде, гранты, "
        "законы субъектов РФ, кроме внесённых в реестр, и расходы на сам режим.",
    ),
)
