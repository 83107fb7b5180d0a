import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import type { JetStreamManager } from '@nats-io/jetstream'
import type { Redis } from 'ioredis'
import { decompressFrames } from '../../services/orchestrator/history/zstd-frames.ts'

export interface Stores {
  jsm: JetStreamManager
  redis: Redis
  /** A folder that is an archive of history. */
  archive?: string
}

/** Everything that is kept: each message of each stream with its headers, each key of Redis with what is in it, each file of the archive. */
export async function everythingKept({
  jsm,
  redis,
  archive,
}: Stores): Promise<{ where: string; text: string }[]> {
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
  return archive === undefined ? kept : [...kept, ...filesOf(archive)]
}

/** Decompressed, with their names. */
function filesOf(folder: string): { where: string; text: string }[] {
  if (!existsSync(folder)) return []
  return readdirSync(folder, { recursive: true, encoding: 'utf8' }).flatMap((name) => {
    const file = join(folder, name)
    // What is being written is named otherwise a moment later.
    if (!statSync(file, { throwIfNoEntry: false })?.isFile() || !/\.(zst|json)$/.test(name)) return []
    const bytes = readFileSync(file)
    const text = (name.endsWith('.zst') ? decompressFrames(bytes, 1e9) : bytes).toString('latin1')
    return [{ where: `archive ${name}`, text: `${name}\n${text}` }]
  })
}

/** Where a text lies that nobody is to find: as it is, as hex, or as base64 of any place of a longer text. */
export async function placesOf(text: string, stores: Stores): Promise<string[]> {
  const forms = formsOf(text)
  const kept = await everythingKept(stores)
  return kept.filter((one) => forms.some((form) => one.text.includes(form))).map(({ where }) => where)
}

/** What a text looks like: as it is, as hex, and as base64 of any place of a longer one. */
export function formsOf(text: string): string[] {
  const base64 = [0, 1, 2].map((shift) =>
    Buffer.from('x'.repeat(shift) + text)
      .toString('base64')
      // What stands around it is in its first and last characters, too.
      .slice(shift === 0 ? 0 : 4, -4),
  )
  return [text, Buffer.from(text).toString('hex'), ...base64]
}
