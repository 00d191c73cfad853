/** Words of lost time. Chinese is the shape. */
export const zhFair = {
  "lost.title": "中断与补时",
  "lost.room": "{n} 个座位同时中断，正在核定；核定前不会替他们交卷",
  "lost.given": "已补时 {n} 个座位，共 {time}",
  "lost.asked": "考生申请",
  "lost.seen": "单个座位中断",
  "lost.page-dead": "页面中断 {time}（{from}–{to}）",
  "lost.start-blocked": "进不了考试 {time}（{from}–{to}）",
  "lost.paper-blocked": "打不开试卷 {time}（{from}–{to}）",
  "lost.reason": "理由",
  "lost.reason.ready": "已核实设备故障",
  "lost.give": "补 {time}",
  "lost.decline": "不补",
  "lost.full": "本机构的补时上限 15 分钟已用完，请联系主管部门",
  "lost.law": "全场六成以上（至少 5 座）同时不能作答，按规则自动补时；断网但页面能作答的不补。",
  "problem.no-lost-time": "这一条已经有人处理了",
  "problem.beyond-cap": "超出本机构的补时上限，请联系主管部门",
} as const;
