"""Values that a question asks for beyond doubt: an amount of money, a year, a time of the day, a number of storeys.

What answers holds one. A passage about the right thing that tells something else of it (the rent of an office where its
number of storeys is asked for) does not answer, however near it is. The patterns on the asking side are those words
only that leave no doubt, and those on the other side take whatever may be such a value (免费 for money, 24小时 for a
time). All of them match folded text.
"""

from __future__ import annotations

import re

from parkqa.text.characters import HAN
from parkqa.text.word_classes import tag

_ROLE = (
    "董事长|总裁|总经理|经理|主任|书记|校长|院长|局长|科长|处长|部长|所长|厂长|站长|行长|馆长|会长|负责人|联系人|法人"
)
_CALLING = "医生|大夫|护士长|老师|教师|律师|教练|老板娘?|店主|店长|创始人|发起人|设计师|工程师|房东|司机|师傅|厨师长?"
_SURNAMES = (
    "赵钱孙李周吴郑王冯陈褚卫蒋沈韩杨朱秦尤许何吕施张孔曹严华金魏陶姜戚谢邹喻柏窦章云苏潘葛奚范彭郎鲁韦昌马苗凤花方俞任袁柳"
    "酆鲍史唐费廉岑薛雷贺倪汤滕殷罗毕郝邬安常乐于时傅皮卞齐康伍余元卜顾孟平黄和穆萧尹姚邵湛汪祁毛禹狄米贝明臧计伏成戴谈宋茅庞"
    "熊纪舒屈项祝董梁杜阮蓝闵席季麻强贾路娄危江童颜郭梅盛林刁钟徐邱丘骆高夏蔡田樊胡凌霍虞万支柯管卢莫经房裘缪干解应宗丁宣邓郁"
    "单杭洪包诸左石崔吉龚程邢裴陆荣翁荀羊惠甄曲封储靳汲糜松井段富巫乌焦巴牧隗山谷车侯宓蓬全郗班仰秋仲伊宫宁仇栾甘厉戎祖武符刘"
    "景詹束龙叶幸司韶黎薄印宿白怀蒲邰从鄂索咸籍赖卓蔺屠蒙池乔阴胥能苍双闻莘党翟谭贡劳逄姬申扶堵冉宰郦雍却璩桑桂濮牛寿通边扈燕"
    "冀浦尚农温别庄晏柴瞿阎充慕连茹习宦艾鱼容向古易慎戈廖庾终暨居衡步都耿满弘匡国文寇广禄阙东欧殳沃利蔚越夔隆师巩厍聂晁勾敖融"
    "冷訾辛阚那简饶空曾毋沙乜养鞠须丰巢关蒯相查后荆红游竺权逯盖益桓公肖涂覃闫冼岳"
)
"""The surnames of one character in the Hundred Family Surnames (百家姓), and some common ones that it lacks."""
_NAME = f"(?:[{_SURNAMES}]|欧阳|上官|司马|诸葛|夏侯|慕容|令狐|皇甫)[{HAN}]{{1,2}}"
_PERSON = (
    rf"(?:{_ROLE}){_NAME}|{_NAME}(?=[任担兼接]|同志|先生|女士|{_ROLE}|{_CALLING})"
    rf"|(?:^|[^{HAN}]|{_CALLING}|[为任由是叫]){_NAME}(?=$|[^{HAN}]|[是为在说等])"
    rf"|[{_SURNAMES}](?:老师|医生|大夫|师傅|律师|教练|总|工|主任|经理|书记)|先生|女士|[{HAN}]·[{HAN}]|\b(?:mr|ms|mrs|dr)\b"
)
"""What may be the name of a person: a surname and one or two characters beside what tells that they are one."""
_HOW_MUCH = r"(?:大概|大约|一般|现在|目前|每[年月天]|是|为|要)*(?:多少|[?呢]|$)"
"""Behind a noun, what makes it the value that is asked for: 租金多少, but not 租金补贴怎么申请 or 租金什么时候交."""
_NUMERAL = r"(?:[\d一二两三四五六七八九十百千万亿半几余多]|\d ?[万千])"
_LENGTH = rf"{_NUMERAL} ?(?:米|公里|千米|厘米|毫米|层|m\b|km\b|met|cent)"
_VALUES = tuple(
    (re.compile(asked), re.compile(held))
    for asked, held in (
        (r"哪[一1]?年(?!级)|几几年|\b(?:which|what) year\b", r"(?:19|20)\d\d|\d年|[一二三四五六七八九十]年"),
        (r"^when (?:did|was|were)\b", r"(?:19|20)\d\d|\d ?[年月日]|[一二三四五六七八九十][年月日]"),
        (
            rf"多少钱|几多钱|几块(?:钱|[?呢]*$)|几元|(?:单价|价格|租金|学费|票价|工资|月薪|年薪|保费){_HOW_MUCH}"
            r"|\bhow much (?:does|do|did) .*\bcost\b"
            r"|\bwhat (?:is|are) the (?:\w+ )?(?:cost|price|rent|fee|salary)(?: of\b| for\b| per\b|[ ?]*$)",
            r"元|免|不收|块钱|价|面议|面谈|协商|另议|议定|核定|标准|\d ?万|\d ?/|[¥$€]|%|分之"
            r"|\b(?:yuan|rmb|free|dollars?|euros?|negotiable)\b",
        ),
        (
            r"(?:园区?|开发区|新区|小镇)(?:有|一共|总共|到底|大概|面积)*多大[?呢]*$"
            r"|\b(?:how (?:big|large) is|(?:area|size) of) the (?:industrial )?(?:park|zone)\b",
            r"平[方米]|[亩顷㎡]|面积|占地|\b(?:km|m)2|\bsquare\b|\bsq\b|\bhectare|\bacre",
        ),
        (
            r"几点|几时|\bwhat time\b",
            r"[闭停休关]|不开|\bclosed?\b|\d[点:时]|[一二三四五六七八九十]点|(?<!每)小时|全天|[上中下]午|昼夜|早|晚|\b(?:am|pm|hours?|noon|midnight)\b",
        ),
        (
            r"几月|几号(?![窗楼门线车馆库柜院泊位机厅厂仓地码])|哪[一1]?天|\bwhat date\b|\bwhich day\b",
            r"\d[月日号./-]|[一二三四五六七八九十][月日]|[周星]期?|每[月天日季]|节|随时|工作日|\d ?天|\b(?:19|20)\d\d\b"
            r"|day",
        ),
        (
            r"多长时间|几天|几个工作日|几个月|几个?小时|\bhow many days\b",
            rf"{_NUMERAL} ?个?(?:工作|自然)?(?:天|日|月|年|小时|分钟|秒|周|星期|季度|day|hour|minute|month|week)"
            r"|当[天日场]|即|随|现场|立[等刻]|马上|实时|长期|永久|不限",
        ),
        (
            r"多[宽深]|\bhow (?:tall|wide|deep)\b"
            r"|^(?!.*(?:[温率比奖补价租费额薪资税利入值分]|标准|要求|门槛|浓度|学历|水平)).*多高",
            _LENGTH,
        ),
        (
            r"多高(?!的?(?:水平|学历))|\bhow high\b",  # also of a temperature, a reward, a share
            rf"{_LENGTH}|{_NUMERAL} ?[°度元万%]|分之",
        ),
        (r"多远|\bhow far\b", rf"{_NUMERAL} ?(?:公里|千米|米|里|分钟|小时|km|kilomet|met|minute|hour|mile)"),
        (rf"百分之几|占比{_HOW_MUCH}|几成|几折", r"%|分之|成|折|\bper ?cent\b"),
        (
            rf"(?:电话|手机号|热线)(?:号码?)?{_HOW_MUCH}|\b(?:phone|telephone) number\b",
            r"\d{3,4}[- ]?\d{4,}|\b\d{3}\b|\b\d{5}\b|1\d{10}|转 ?\d|内线|分机|\bext",
        ),
        (
            rf"(?:{_ROLE}|{_CALLING})(?:现在|目前)?(?:是谁|是哪位|叫什么|叫啥|姓什么|姓啥|的?名字)"
            rf"|谁(?:是|担任|当).{{0,8}}(?:{_ROLE})",
            _PERSON,
        ),
        (
            r"\bwho is .*\b(?:chairman|director|manager|ceo|president|head)\b",
            rf"{_ROLE}|总裁|负责|联系|领导|先生|女士|\b(?:chairman|director|manager|ceo|president|head)\b",
        ),
        (
            r"地址(?:现在|目前)?(?:[是为在]*(?:哪|什么|多少|啥)|[?呢]*$)|\baddress of\b|\bis the address\b",
            r"[号楼层室栋幢座路街道巷弄镇乡村市县]|(?<!园)区|位于|坐落|旁|对面|隔壁|@|http|www|road|street|floor",
        ),
        (rf"邮箱(?:地址)?{_HOW_MUCH}|\be-?mail address\b", "@"),
        (rf"网址{_HOW_MUCH}|\bweb ?site address\b|\burl\b", r"www|http|\.(?:com|cn|net|org)\b"),
    )
)
"""What asks for a value, and what a text that holds one has."""
_FEE = re.compile(
    f"(?=([{HAN}]{{2}})费)(?!.[什么免收缴付交消浪经自公花杂规]|[多少么些哪几]|管理|服务|全部|相关|其他|什么)"
)
"""The word for what a fee is paid: a text in which not even one of its characters stands tells of other fees."""
_MEASURES = {
    "层": "层(?!高)|楼",
    "部": "部|台|座",
    "辆": "辆|台|车",
    "台": "台|辆|套|部",
    "套": "套|间|户",
    "间": "间|套|室|个",
    "座": "座|个|栋|处",
    "栋": "栋|幢|座|号楼",
    "幢": "栋|幢|座|号楼",
    "位": "位|名|人",
    "名": "名|位|人",
    "人": "人|名|位|户",
    "趟": "趟|班|次",
    "吨": "吨",
    "亩": "亩|平[方米]|公顷|㎡|m2",
    "平方米": "平[方米]|亩|公顷|㎡|m2",
    "公里": "公里|千米|米|分钟|小时|km",
}
"""Measure words that tell a kind of thing, and those that may stand for them; 个, 家, 项 and 种 count anything."""
_HEADS = "主任|书记|局长|院长|校长|馆长|会长|总经理|总裁|董事长"
_HEAD = re.compile(
    rf"(?:一把手|(?<!副)(?:{_HEADS}))(?:现在|目前)?(?:是谁|是哪位|叫什么|叫啥|姓什么)|谁(?:是|当|担任)[^副]{{0,8}}(?:一把手|{_HEADS})"
)
_DEPUTY = re.compile(f"副(?:{_HEADS})")
"""Who is the head is not told by who is a deputy."""
_FORMER = "首任|前任|原任|历任|时任|第[一二三四五]任|首届"
"""Nor by who was."""
_SOME = re.compile(r"几[^?]*(?:[吗么不没]|[行对好]不[行对好]|可以不)[?]*$")
"""A question to be answered by yes or no, in which 几台 are some and no number."""
_PEOPLE = r"(?:员工|职工|人口|师生)[^。;]{0,8}\d"
_MEASURED = re.compile(f"(?:(?<!哪)几|多少)个?({'|'.join(_MEASURES)})(?![民才工体门分落额数次])")
_STOREY = re.compile(rf"(?:位于|设在|[在第])[^,。;:|建共有高达]{{0,6}}?{_NUMERAL}+ ?[层楼]")
"""On which storey something is, which does not tell how many there are."""


def lacks_value(search: str, text: str, counted: bool = False) -> bool:
    """Return whether a folded question asks for a value of a kind that a folded text does not hold.

    Of a list (``counted``) a number of things is not missed, since its items are counted.

    >>> lacks_value("大厦有几层", "大厦写字间:层高3.6米,32元"), lacks_value("大厦有几层", "大厦共28层")
    (True, False)
    >>> lacks_value("停车费多少", "物业费1.8元,水费3.65元"), lacks_value("停车费多少", "车位每月300元")
    (True, False)
    >>> lacks_value("主任是谁", "鲁志恒 | 管委会副主任"), lacks_value("添几台货车,有补贴不", "每辆补3万元")
    (True, False)
    >>> lacks_value("食堂几点开门", "套餐15元起"), lacks_value("食堂好吃吗", "套餐15元起")
    (True, False)
    >>> lacks_value("驻点医生叫什么", "有医生3名,周一到岗"), lacks_value("负责人是谁", "负责人:卞若川,邮箱另见")
    (True, False)
    """
    if any(asked.search(search) and not held.search(text) for asked, held in _VALUES):
        return True
    if _HEAD.search(search) and _DEPUTY.search(text) and not re.search(f"(?<!副)(?:{_HEADS})", text):
        return True
    if _HEAD.search(search) and not re.search(_FORMER, search) and _only_former(text):
        return True
    if any(tag(match[1]) and not set(match[1]) & set(text) for match in _FEE.finditer(search)):
        return True
    measured = None if counted or _SOME.search(search) else _MEASURED.search(search)
    if measured is None:
        return False
    words = _MEASURES[measured[1]]
    if measured[1] == "层" and not set("在位") & set(search):
        text = _STOREY.sub("", text)
    return not re.search(rf"{_NUMERAL} ?(?:{words})|(?:{words})[数员][^。;]*\d|{_PEOPLE}", text)


def _only_former(text: str) -> bool:
    """Whether a text names heads of former times only.

    >>> _only_former("孵化器成立,首任主任为鲁怀舟"), _only_former("首任主任退休,现任主任为卞若川")
    (True, False)
    """
    rest = re.sub(f"(?:{_FORMER})[^,。;]{{0,6}}?(?:{_HEADS})", "", text)
    return rest != text and not re.search(_HEADS, rest)
