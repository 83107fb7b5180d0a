import type { JetStreamManager } from '@nats-io/jetstream'
import type { Redis } from 'ioredis'

export interface Stores {
  jsm: JetStreamManager
  redis: Redis
}

/** Everything that is kept: each message of each stream with its headers, each key of Redis with what is in it. */
export async function everythingKept({ jsm, redis }: Stores): Promise<{ where: string; text: string }[]> {
  const kept: { where: string; text: string }[] = []
  for await (const { config, state } of jsm.streams.list())
    for (let seq = state.first_seq; seq <= state.last_seq; seq++) {
      const message = await jsm.streams.getMessage(config.name, { seq }).catch(() => undefined)
      if (!message) continue
      const headers = [...message.header].map(([name, values]) => `${name}: ${values.join(' ')}`).join('\n')
      const where = `${config.name} ${seq} ${message.subject}`
      kept.push({
        where,
        text: `${message.subject}\n${headers}\n${Buffer.from(message.data).toString('latin1')}`,
      })
    }
  for (const key of await redis.keys('*')) {
    const kind = await redis.type(key)
    const value =
      kind === 'string'
        ? await redis.get(key)
        : kind === 'hash'
          ? await redis.hgetall(key)
          : kind === 'zset'
            ? await redis.zrange(key, '0', '-1')
            : kind === 'set'
              ? await redis.smembers(key)
              : `another kind: ${kind}`
    kept.push({ where: `Redis ${key}`, text: `${key}\n${JSON.stringify(value)}` })
  }
  return kept
}

/** Where a text lies that nobody is to find: as it is, as hex, or as base64 of any place of a longer text. */
export async function placesOf(text: string, stores: Stores): Promise<string[]> {
  const base64 = [0, 1, 2].map((shift) =>
    Buffer.from('x'.repeat(shift) + text)
      .toString('base64')
      // What stands around it is in its first and last characters, too.
      .slice(shift === 0 ? 0 : 4, -4),
  )
  const forms = [text, Buffer.from(text).toString('hex'), ...base64]
  const kept = await everythingKept(stores)
  return kept.filter((one) => forms.some((form) => one.text.includes(form))).map(({ where }) => where)
}
