import type { SinkConfig } from './alerting-config.ts'
import {
  type AlertMessage,
  happeningOf,
  isOpening,
  type Sink,
  type SinkAnswer,
  type SinkContext,
} from './sink.ts'
import { slackMessage } from './slack-message.ts'

type SlackConfig = Extract<SinkConfig, { sink: 'slack' }>

const JSON_TYPE = 'application/json; charset=utf-8'
/** What Slack says in an answer of status 200 and that passes. */
const PASSING: ReadonlySet<string> = new Set([
  ...['ratelimited', 'rate_limited', 'internal_error', 'fatal_error', 'service_unavailable'],
  ...['request_timeout', 'team_added_to_org'],
])

/**
 * Posts alerts to Slack. With the token of a bot, its message shows how the alert stands: it is changed when a picture comes, and
 * when the alert is acknowledged, resolved, or its incident comes and goes. An incoming webhook can change nothing: of an
 * incident, a second message says that it is over.
 */
export function createSlackSink(config: SlackConfig): Sink {
  return 'token' in config ? createBotSink(config) : createWebhookSink(config)
}

function createWebhookSink({ url, minSeverity }: Extract<SlackConfig, { url: string }>): Sink {
  return {
    name: 'slack',
    minSeverity,
    build(message, { links }) {
      if (!isWorthAPost(message)) return undefined
      return {
        url,
        headers: { 'content-type': JSON_TYPE },
        body: JSON.stringify(slackMessage(message.data, links)),
      }
    },
  }
}

function createBotSink({ token, channel, api, minSeverity }: Extract<SlackConfig, { token: string }>): Sink {
  const headers = { 'content-type': JSON_TYPE, authorization: `Bearer ${token}` }
  return {
    name: 'slack',
    minSeverity,
    build(message, { links, slack, isPlain }: SinkContext) {
      const happening = happeningOf(message)
      if (happening === 'posted' || happening === 'handed-on') return undefined
      const { snapshot: _snapshot, ...plain } = message.data
      const content = slackMessage(isPlain ? plain : message.data, links)
      // Nobody is told of a change: what opens is posted anew.
      if (isOpening(happening) || (!slack && isWorthAPost(message)))
        return { url: `${api}/chat.postMessage`, headers, body: JSON.stringify({ channel, ...content }) }
      if (!slack) return undefined
      return { url: `${api}/chat.update`, headers, body: JSON.stringify({ ...slack, ...content }) }
    },
    readAnswer(body, { url }) {
      const answer = readSlackAnswer(body)
      // Where a message is changed that is known already, there is nothing new about where it stands.
      return answer.kind === 'done' && url.endsWith('/chat.update') ? { kind: 'done' } : answer
    },
  }
}

/** What is told where nothing can be changed: that something begins, and that an incident is over. */
function isWorthAPost(message: AlertMessage): boolean {
  const happening = happeningOf(message)
  return isOpening(happening) || (happening === 'resolved' && message.data.incident !== undefined)
}

/** `{"ok":true,"channel":"C…","ts":"1405894322.002768"}`, or `{"ok":false,"error":"…"}`: both have status 200. Pure. */
export function readSlackAnswer(body: Uint8Array): SinkAnswer {
  let answer: { ok?: unknown; error?: unknown; channel?: unknown; ts?: unknown }
  try {
    answer = JSON.parse(Buffer.from(body).toString())
  } catch {
    return { kind: 'later', why: 'the answer is no JSON' }
  }
  const { ok, error, channel, ts } = answer ?? {}
  if (ok === true)
    return {
      kind: 'done',
      ...(typeof channel === 'string' && typeof ts === 'string' && { slack: { channel, ts } }),
    }
  const why = `Slack says ${typeof error === 'string' ? error.slice(0, 100) : 'neither ok nor an error'}`
  if (error === 'invalid_blocks' || error === 'invalid_attachments') return { kind: 'noPicture', why }
  return { kind: typeof error === 'string' && !PASSING.has(error) ? 'refused' : 'later', why }
}
