/** What a Redis server holds and may hold; a limit of 0 is none. Bytes. */
export interface MemoryUse {
  readonly usedBytes: number
  readonly maxBytes: number
}

/** The same, with what it does when it is full. */
export interface MemoryFacts extends MemoryUse {
  /** `noeviction` keeps what it is given; `unknown` where the server does not say. */
  readonly policy: string
}

/** What a server tells of itself, by its names. */
export type RedisInfo = ReadonlyMap<string, string>

/** The answer to `INFO`: `name:value` lines below headings. Pure. */
export function parseInfo(text: string): RedisInfo {
  return new Map([...text.matchAll(/^(\w+):(.*?)\r?$/gm)].map(([, name, value]) => [name!, value!]))
}

/** What `INFO memory` says of a server; undefined when it says nothing of it. Pure. */
export function parseMemory(info: RedisInfo): MemoryFacts | undefined {
  const used = info.get('used_memory')
  if (used === undefined || !/^\d+$/.test(used)) return undefined
  return {
    usedBytes: Number(used),
    maxBytes: Number(info.get('maxmemory') ?? 0) || 0,
    policy: info.get('maxmemory_policy') ?? 'unknown',
  }
}

/** The same of several servers, by what each answered; without those that say nothing of it. Pure. */
export function parseMemories(infos: readonly string[]): MemoryFacts[] {
  return infos.flatMap((info) => parseMemory(parseInfo(info)) ?? [])
}

/** How full it is, 0 to 1; undefined without a limit. Pure. */
export function memoryShare({ usedBytes, maxBytes }: MemoryUse): number | undefined {
  return maxBytes > 0 ? usedBytes / maxBytes : undefined
}

/** The policy by which keys may be evicted; undefined where none ever is, and where that is not said. Pure. */
export function evictionPolicy({ maxBytes, policy }: MemoryFacts): string | undefined {
  return maxBytes > 0 && policy !== 'noeviction' && policy !== 'unknown' ? policy : undefined
}
