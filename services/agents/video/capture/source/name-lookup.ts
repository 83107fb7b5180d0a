import { lookup as systemLookup } from 'node:dns'
import type { ResolveAll } from '#platform/http/guarded-connector.ts'

type Answer = Parameters<Parameters<ResolveAll>[2]>

/**
 * Asks for each name once at a time: while no server of names answers, each question holds a thread of this process for many seconds, and
 * cameras that are away are called again and again.
 */
export function createNameLookup(resolve: ResolveAll = systemLookup): ResolveAll {
  const asked = new Map<string, Promise<Answer>>()
  return (hostname, options, callback) => {
    const key = `${options.family ?? 0} ${hostname}`
    let answer = asked.get(key)
    if (!answer) {
      answer = new Promise<Answer>((done) => resolve(hostname, options, (...given) => done(given)))
      asked.set(key, answer)
      void answer.finally(() => asked.delete(key))
    }
    void answer.then((given) => callback(...given))
  }
}

/** That of this process. */
export const nameLookup = createNameLookup()
