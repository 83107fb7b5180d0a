import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { MurmurError } from '#platform/errors/murmur-error.ts'
import { pathOf } from './problem-reply.ts'

declare module 'fastify' {
  interface FastifyContextConfig {
    /** Is there to refuse this method, though a route with a parameter would take it. */
    isRefused?: boolean
  }
}

interface KnownPath {
  pattern: RegExp
  /** The more of it is fixed, the more exactly it fits. */
  parameters: number
  methods: Set<string>
}

/** Which methods each path takes, so that another one is told apart from a path that is not there. */
export class KnownPaths {
  readonly #paths = new Map<string, KnownPath>()

  /** From now on, what is added to the app is known. */
  observe(app: FastifyInstance): void {
    app.addHook('onRoute', ({ method, url, config }) => {
      if (config?.isRefused !== true) for (const one of [method].flat()) this.#add(one, url)
    })
  }

  /**
   * What a path without parameters takes, where it is served and not by this method: a route with a parameter would take its name for
   * an id. Undefined when the method is right, or only such a route fits.
   */
  refusedBy(method: string, path: string): string[] | undefined {
    const fixed = this.#paths.get(path)
    return fixed && method !== 'OPTIONS' && !fixed.methods.has(method) ? [...fixed.methods].sort() : undefined
  }

  /** Undefined for a path that nothing is known of. */
  methodsOf(path: string): string[] | undefined {
    const [best] = [...this.#paths.values()]
      .filter(({ pattern }) => pattern.test(path))
      .sort((a, b) => a.parameters - b.parameters)
    return best && [...best.methods].sort()
  }

  #add(method: string, url: string): void {
    // Of browsers, and of all paths.
    if (method === 'OPTIONS') return
    const known = this.#paths.get(url) ?? {
      pattern: patternOf(url),
      parameters: url.split(/[:*]/).length,
      methods: new Set(),
    }
    known.methods.add(method)
    this.#paths.set(url, known)
  }
}

/** `/v1/tasks/:id/events`, `/v1/objects/*` */
function patternOf(url: string): RegExp {
  const escaped = url.replace(/[.+?^${}()|[\]\\]/g, '\\$&')
  return new RegExp(`^${escaped.replace(/:\w+/g, '[^/]+').replace('*', '.+')}$`)
}

/** @throws MurmurError METHOD_NOT_ALLOWED, with `Allow` */
export function refuseMethod(
  { method, url }: FastifyRequest,
  reply: FastifyReply,
  allowed: readonly string[],
): never {
  reply.header('allow', allowed.join(', '))
  throw new MurmurError(
    'METHOD_NOT_ALLOWED',
    `${pathOf(url).slice(0, 100)} takes ${allowed.join(', ')}, not ${method}`,
  )
}
