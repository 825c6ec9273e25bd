"""Values that a question asks for beyond doubt, and texts that hold none of their kind."""

import pytest

from parkqa.query.asked_values import is_of_another_number, lacks_value
from parkqa.text.folding import folded


@pytest.mark.parametrize(
    ("question", "text"),
    [
        ("写字楼有几层？", "写字楼|层高3.6米|32元"),
        ("展销会一般来多少人？", "每年办两场展销会，展位免费。"),
        ("码头是哪一年开业的？", "码头开业"),
        ("光伏屋顶花了多少钱？", "2025年8月光伏屋顶并网。"),
        ("餐厅几点开门？", "餐厅供应三餐，套餐15元起。"),
        ("仓库的租金是多少？", "仓库有三座，可以分租。"),
        ("大厅电话", "大厅在一楼。"),
        ("沁水有多宽？", "南临沁水，规划面积18.6平方公里。"),
        ("换证要几天？", "换证在大厅办理。"),
        ("船厂的董事长叫什么？", "船厂2012年落户。"),
        ("班车司机的电话是多少？", "班车1号线首班6:40。"),
        ("How tall is the office building?", "写字楼 | 32元"),
        ("园区有多大？", "园区最大的冷库库容8万吨"),
        ("How big is the park?", "冷库库容8万吨"),
        ("冷库有多高？", "冷库设-18℃和-60℃两种温区"),
        ("停车费怎么收？", "物业费每平方米1.8元，水费3.65元/吨"),
        ("检测费多少？", "物业费每平方米1.8元"),
        ("Who is the chairman of the shipyard?", "船厂2012年落户。"),
        ("What time does the canteen open?", "食堂对外开放。"),
        ("大厦有几层？", "企业服务中心位于大厦一楼，周一至周五开放。"),
        ("大厦有多少层？", "食堂设在大厦B座2层。"),
        ("在食堂吃顿午饭得花几块？", "食堂午餐11:00至13:20，晚餐17:00至19:30。"),
        ("When did the park open?", "景观带开放时间为6:00至22:00。"),
    ],
)
def test_a_text_without_such_a_value_does_not_answer(question: str, text: str) -> None:
    assert lacks_value(folded(question), folded(text))


@pytest.mark.parametrize(
    ("question", "text"),
    [
        ("写字楼有几层？", "写字楼共二十八层"),
        ("写字楼有几层？", "名称 | 层数\n写字楼 | 28"),
        ("写字楼有几层？", "写字楼在园区东侧共5层。"),
        ("写字楼有几层？", "位于江边的写字楼高达36层，大厅设在1楼。"),
        ("食堂在几层？", "食堂位于大厦二楼。"),
        ("展销会来多少人？", "观众1.2万余人"),
        ("公司有哪几个部门？", "设运营部和市场部"),
        ("停电影响哪几栋？", "停电范围是二期的厂房。"),
        ("网店能拿多少运费补助？", "物流补贴：每件补0.15元"),
        ("码头是哪一年开业的？", "2006年,码头开业"),
        ("参观要多少钱？", "参观免费。"),
        ("房租价格怎么算？", "按营业额的百分之五收取。"),
        ("餐厅几点开门？", "餐厅全天营业。"),
        ("换证要几天？", "换证当场办结。"),
        ("老板为什么来？", "因为近。"),
        ("What is the rent?", "每月32元"),
        ("多高学历可以申请？", "本科以上。"),
        ("几号楼是食堂？", "3号楼是食堂。"),
        ("租金补贴怎么申请？", "填写申请表，交到大厅。"),
        ("租金什么时候交？", "每季度首月10日前缴纳。"),
        ("工资谁来发？", "由用工单位发放。"),
        ("仓库租金多少？", "租金面议。"),
        ("厂房单价", "12000/㎡"),
        ("投诉电话打不通怎么办？", "可以到大厅投诉。"),
        ("可以打电话预约吗？", "可以。"),
        ("招商电话是多少？", "拨总机转8。"),
        ("展厅周一几点开门？", "展厅周一闭馆。"),
        ("园区有多大？", "规划面积6.8平方公里"),
        ("冷库有多大？", "库容8万吨"),
        ("停车费怎么收？", "车位每月300元"),
        ("水电费怎么交？", "电费代收"),
        ("住宿费多少？", "宿舍每月600元"),
        ("免费吗？", "对外开放"),
        ("管理费多少？", "物业费1.8元"),
        ("冷库温度有多高？", "不超过5℃。"),
        ("奖励能有多高？", "最高500万元。"),
        ("园区有多少人？", "园区员工3.2万。"),
        ("厂房多少平方米？", "厂房1200㎡。"),
        ("换证要多长时间？", "现场办结。"),
        ("What is the deadline for paying the rent?", "The tenth of each month."),
    ],
)
def test_a_text_that_may_hold_it_does(question: str, text: str) -> None:
    assert not lacks_value(folded(question), folded(text))


@pytest.mark.parametrize(
    ("question", "text", "another"),
    [
        ("3号线几点末班", "1号线末班21:30", True),
        ("3号线几点末班", "1号线6:40，3号线7:00", False),
        ("三期什么时候建成", "二期2021年投用", True),
        ("二期什么时候建成", "2期2021年投用", False),
        ("B座租金多少", "A座每月30元", True),
        ("A座租金多少", "A座每月30元，B座20元", False),
        ("3号线几点末班", "末班21:30", False),
        ("有3座仓库吗", "有12座仓库", False),
        ("工期多久", "二期限12天", False),
    ],
)
def test_what_is_told_of_a_neighbour_alone_does_not_answer(question: str, text: str, another: bool) -> None:
    assert is_of_another_number(folded(question), folded(text)) == another
