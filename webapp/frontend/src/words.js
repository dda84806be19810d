// The few words that scripts say. Everything else is written by the templates.
const ENGLISH = {
  '已保存': 'Saved',
  '正在保存…': 'Saving…',
  '未能保存，请检查网络': 'Not saved: check your network',
  '上传成功': 'Uploaded',
  '未能上传，请重试': 'Not uploaded: try again',
  '文件超过 {n} MB': 'The file is larger than {n} MB',
  '还有 {n} 个要点未勾核': '{n} review points still to be ticked',
  '已选 {n} 项': '{n} selected',
  '取消': 'Cancel',
  '确定': 'OK',
  '请确认': 'Confirm',
  '截至 {n}': 'As of {n}',
  '流程图暂时无法显示，请刷新页面': 'The diagram cannot be shown now: reload the page',
  '关闭': 'Close',
  '状态': 'Status',
  '办理人': 'Who',
  '开始': 'Since',
  '结束': 'Until',
  '用时': 'Took',
  '已用时': 'Running for',
  '到期': 'Due',
  '查看办件': 'Open the case',
  '{n} 天': '{n} d',
  '{n} 小时': '{n} h',
  '{n} 分钟': '{n} min',
  '剩 {n} 个工作日': '{n} working days left',
  '今天到期': 'Due today',
  '超期 {n} 个工作日': '{n} working days overdue',
  '{n} 件': '{n} cases',
}

export const isEnglish = document.documentElement.lang.startsWith('en')

export function say(words, n) {
  return ((isEnglish && ENGLISH[words]) || words).replace('{n}', n)
}

export function clock(date = new Date()) {
  return date.toLocaleTimeString('en-GB', { timeZone: 'Asia/Shanghai' })
}

export function day(value) {
  return new Date(value).toLocaleDateString(isEnglish ? 'en-GB' : 'zh-CN', {
    timeZone: 'Asia/Shanghai', day: 'numeric', month: isEnglish ? 'short' : 'long',
  })
}

export function moment(value) {
  return `${day(value)} ${clock(new Date(value)).slice(0, 5)}`
}

export function dateAndTime(value) {
  return value.toLocaleString(isEnglish ? 'en-GB' : 'zh-CN', { timeZone: 'Asia/Shanghai', dateStyle: 'medium', timeStyle: 'short' })
}

// "2 天 3 小时": the two largest units, a minute at least.
export function span(milliseconds) {
  const minutes = Math.max(Math.floor(milliseconds / 60000), 1)
  const [d, h, m] = [Math.floor(minutes / 1440), Math.floor(minutes / 60) % 24, minutes % 60]
  return [d && say('{n} 天', d), h && say('{n} 小时', h), m && !d && say('{n} 分钟', m)].filter(Boolean).join(' ')
}
