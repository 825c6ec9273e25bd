"""The words that visitors say besides questions: regular expressions for folded text, Chinese and English.

``WORDS`` holds greetings, thanks, goodbyes and requests to the assistant, by what they amount to; ``FILLERS`` are
polite phrases and hesitation sounds inside a question. ``query.talk`` applies both.
"""

from __future__ import annotations

import re
from typing import Literal, get_args

Talk = Literal["person", "help", "who", "next", "again", "goodbye", "thanks", "greeting", "yes", "nothing"]
"""What small talk amounts to. If an input is several of them, the first in this order applies.

``person``: asks for a human. ``help``: asks what can be asked. ``who``: asks who is answering. ``next``: the passage
shown is not the right one. ``again``: repeat the answer. ``yes``: an acknowledgement, or that nothing more is wanted.
``nothing``: sounds, tests, digits and punctuation, and what is said to the assistant about itself (你吃饭了吗).
"""

FILLERS = re.compile(
    r"(?:还|再)?请问一下|(?:还|再)?请问|请教一下|(?:我?(?:还|再)?想)?(?:再|还)?问一下"
    r"|(?:我?(?:还|再)?想)(?:再|还)?问问?|再问|问问"
    r"|我想知道|想知道|我想了解一下|想了解一下|想了解|我想了解|了解一下"
    r"|能不能告诉我|可以告诉我|能告诉我|告诉我|麻烦介绍一下|麻烦问一下|麻烦|请介绍一下|介绍一下|请介绍|介绍下"
    r"|请列举一下|请列举|列举"
    r"|说一说|说说|讲讲|讲一下|谈谈|帮我查一下|帮我查|查一下|那个|就是说|呃|嗯+|哎|话说|对了"
    r"|我(?:要|想)?问的是|我说|咱们?|你们这里|你们这儿|你们|您们|贵(?=园|公司|单位|司|处|方|区)"
    r"|\b(?:please|excuse me|could you|can you|would you|i would like to know|i want to know"
    r"|i'd like to know|i wonder|tell me about|tell me|do you know|may i ask|let me know)\b"
)
"""Polite phrases and hesitation sounds, which carry no content wherever they stand in a question."""

_BODY = r"(?:人工|真人|活人)"

_HUMAN = (
    r"(?:(?:a|an|the|some) )?(?:(?:real|live|human) )?(?:human(?: being)?|person|agent|operator|someone"
    r"|somebody|staff)"
)

WORDS: dict[Talk, tuple[str, str]] = {
    "person": (
        r"(?:请|帮我|麻烦|怎么|如何|能不能|能|可以|可不可以|我?要|我?想){0,4}"
        r"(?:转接?|接|找|换|叫|呼叫|联系|要)(?:一?下|个|一个|到|你们的?)?"
        rf"(?:{_BODY}(?:客服|服务|坐席|来)?|客服(?:人员)?|工作人员)吗?"
        rf"|(?:请|能不能|能|可以|我?要|我?想)?[和跟同与]{_BODY}(?:客服)?(?:说话|聊聊?|沟通|交流|谈谈?|对话)"
        rf"|有(?:没有)?{_BODY}(?:客服|服务)?吗?|{_BODY}(?:客服|服务)|{_BODY}|客服",
        rf"(?:(?:how )?(?:can|could|may|do) i |i(?:'d| would) like to |i want to |i need to |let me |please )?"
        rf"(?:talk|speak|chat|contact|reach|connect me|get|put me through|transfer me) (?:to |with |me )?{_HUMAN}"
        rf"|(?:i (?:want|need) )?(?:a|an) (?:real |live |human )*(?:human|person|agent|operator)"
        rf"|(?:real|live) (?:person|human|agent)"
        rf"|human|customer (?:service|support)|operator",
    ),
    "help": (
        r"(?:(?:你|您|我)(?:都|还)?(?:能|会|可以|可)(?:够)?(?:帮我?|为我)?(?:做|干|回答|提供)|(?:你|您|我"
        r"|这里)?(?:都|还)?(?:能|可以|可)(?:够)?(?:帮我?)?[问查])(?:你|您)?(?:些|一些)?(?:什么|啥|哪些"
        r"|嘛)(?:事情?|问题|内容|服务|帮助)?"
        r"|(?:你|您)?都?(?:会|能)(?:些)?(?:什么|啥)|(?:我)?(?:该|应该)?问(?:你|您)?(?:些)?(?:什么|啥)好?"
        r"|(?:你|您)有(?:什么|啥|哪些)功能|(?:你|您)有(?:什么|啥)用"
        r"|(?:这个(?:机器|助手|系统|东西|软件)|你|您)怎么[用问]|怎么(?:提问|问你|问问题|使用你)"
        r"|使用(?:说明|帮助)|帮助|帮帮(?:我|忙)|帮帮|帮我|帮忙",
        r"(?:what|which) (?:questions |things |else )?(?:can|could|should|may|do) (?:i|we|you) "
        r"(?:ask|do|answer|know|help)(?: me)?(?: with)?(?: you)?(?: about)?(?: for (?:me|us))?"
        r"|how (?:can|could|may|do) (?:i|you) (?:use (?:this|it|you)|help(?: me)?)"
        r"|how does (?:this|it) work|(?:can|could) you help(?: me)?|help(?: me)?",
    ),
    "who": (
        r"(?:请问)?(?:你|您)(?:到底|究竟)?(?:是谁|是哪位|叫什么(?:名字)?|叫啥|的名字(?:是什么|叫什么)?"
        r"|是什么(?:东西)?|是啥"
        r"|是不是(?:真人|人类?|机器人|ai|人工智能)|是(?:(?:真?人|机器人)还是(?:真?人|机器人)|真人|人类?|机器人|ai|人工智能)吗?)"
        r"|(?:请)?(?:做个|来个)?自我介绍(?:一下)?|介绍一?下你自己",
        r"who are you|what are you|what(?:'s| is) your name|who (?:made|built) you|is this a (?:bot|robot|human)"
        r"|introduce yourself"
        r"|are you (?:a |an )?(?:real|human|robot|bot|ai|machine|person|chatbot)(?: (?:person|human|bot))?",
    ),
    "next": (
        r"(?:这个?|你?说的|都|好像|还是|答案|回答)?(?:不对|不正确|不准确|不是的?)(?:这个|这条|我(?:要|想|想要)(?:问|找)?的|这个意思|这样)?"
        r"|答错了|错了|答非所问|我(?:要|想)?问的不是这个|还有吗|还有没有"
        r"|还有(?:没有)?(?:别的|其[他它]的?|更多)吗?"
        r"|下一[个条处段]|继续|再?换一?[个条]|再来一[个条]|更多",
        r"(?:that(?:'s| is)|this is|it(?:'s| is)) (?:not (?:it|right|correct|what i (?:asked|meant"
        r"|want)(?: for)?)|wrong)"
        r"|not (?:this|that|it|right|correct)(?: one)?|not what i (?:asked|meant|want)(?: for)?|wrong(?: answer)?"
        r"|next(?: one)?|(?:show me )?more|another(?: one)?|any(?:thing)? (?:else|more)",
    ),
    "again": (
        r"(?:你|您)?(?:麻烦|能不能|能|可以)?(?:你|您)?(?:(?:再(?:说|讲|念|来|重复)|重复|重说)说?一[遍次下]"
        r"|重复)(?:好吗|吗)?|(?:我)?没(?:听|看)(?:清楚?|见|懂|明白)",
        r"(?:(?:can|could) you |please )?(?:say|repeat) (?:that|it)(?: (?:once more|again|one more time))?|repeat"
        r"|(?:once|one) more(?: time)?|come again|pardon(?: me)?|again",
    ),
    "goodbye": (
        r"再见|再会|拜拜?|不聊了|回见|(?:回头|明天|下次|改天|改日|有空|有时间)再?[见聊说]|晚安|告辞|(?:我)?先?走了|886?(?!\d)",
        r"good ?bye|bye(?:[ -]bye)?|see (?:you|ya)(?: (?:later|soon|tomorrow|again))?|farewell|good ?night"
        r"|have a (?:nice|good|great|lovely) (?:day|evening|weekend|one)",
    ),
    "thanks": (
        r"(?:非常|十分|万分|太|真是?|很|那|先)?(?:谢谢|多谢|感谢|谢了|谢过|谢)(?:你们?|您们?|大家"
        r"|各位)?了?(?:的)?(?:耐心)?(?:的)?"
        r"(?:帮助|帮忙|指教|指点|解答|回答|回复|讲解|(?<=的)(?:介绍|服务|支持))?|(?:辛苦|麻烦|打扰)(?:你们?|您们?)?了|劳驾"
        r"|(?:问题)?(?:已经)?解决了|(?:你|您)?(?:很|真|太|挺|非常|好)(?:聪明|好|棒|不错|厉害|有用)了?|不错|厉害|(?:点)?赞|给力",
        r"(?:(?:many |no,? )?thanks|thank (?:you|u)|thx|ty|tks)"
        r"(?: a lot| a million| (?:very|so) much| again| for (?:your|the|all your) (?:help|time))?"
        r"|cheers|(?:very )?(?:nice|great|cool|perfect|awesome|excellent)|well done|good job",
    ),
    "greeting": (
        r"(?:你|您|大家|你们|各位|诸位|朋友们)好(?:吗)?|(?:哈|哈)[喽啰罗]|嗨[喽]?|嘿|喂|早上好|上午好|中午好|下午好|晚上好|早安|早"
        r"|(?:你|您)?在吗|在不在|有人(?:在)?吗|有没有人|幸会|久仰",
        r"(?:hi|hello|hey|hiya)(?: (?:there|all|everyone|everybody))?"
        r"|good (?:morning|afternoon|evening|day)(?: (?:everyone|all))?"
        r"|greetings|how are you(?: doing| today)?|how do you do|nice to meet you|what's up"
        r"|is any(?:one|body) (?:there|here)",
    ),
    "yes": (
        r"好[的滴]?|好吧|行(?!不行)|可以|对(?!不对)|是(?!不是)的?|嗯+|(?:我)?(?:明白|知道|了解|懂|清楚|晓得)了?|收到|没问题|原来如此"
        r"|这样啊?|不用谢?|不需要|不必|不了"
        r"|不客气|没关系|没事儿?|没什么|算了|(?:暂时)?没有?了|不问了|(?:暂时)?没有?(?:其他|别的)?(?:问题)?了"
        r"|那?(?:就|先)这样|就这些",
        r"ok(?:ay|ey)?|okey|alright|all right|fine|sure|got it|i see|i understand|understood|right|yes|yeah"
        r"|yep|no(?!\.)|nope|good"
        r"|(?:no|never) ?(?:problem|mind)|that(?:'s| is) all|nothing(?: else)?|not now",
    ),
    "nothing": (
        r"我(?:好|很|真|最|太)?(?:爱|喜欢|讨厌|恨|想)(?:死)?(?:你|您)了?"
        r"|(?:你|您)(?:吃(?:过|了)?饭?(?:了吗|了没有?|没有?)|多大(?:年纪|岁数)?了?|几岁了?|结婚了(?:吗|没有?)"
        r"|有(?:男|女)朋友吗|(?:真|好|太|很)?(?:笨|蠢|傻)(?:死|透)?了?)"
        r"|[啊哦噢喔额呃唉哎诶哟呀哇咦嘻呵哈嘿吼吧嘛啦]+|测试(?:一下|中)?|试试|试一下"
        r"|(?!(?:19|20)\d\d(?!\d))(?<![+*/])\d[\d .,-]*+(?![\w+*/])",
        r"test(?:ing|s)?|(?:asdf|qwer|zxcv)[a-z]*|abc|xyz|he(?:he)+|ha(?:ha)+|a+h+|o+h+|u+h+|u+m+|h+m+|e+r*m+|e+r+|lo+l|wow|hm+",
    ),
}
"""For each kind of talk its words in Chinese and in English, as regular expressions; of two, the longer one first."""
assert tuple(WORDS) == get_args(Talk)
