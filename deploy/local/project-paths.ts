import { join, resolve } from 'node:path'

/** The root of the checkout. */
export const projectRoot = resolve(import.meta.dirname, '../..')

/** Where everything lives that is fetched or written at run time; `MURMUR_HOME` moves it. */
export function murmurHome(env: NodeJS.ProcessEnv = process.env): string {
  return env.MURMUR_HOME ? resolve(env.MURMUR_HOME) : join(projectRoot, '.murmur')
}

/** Server binaries that were fetched once. */
export function binaryCache(env?: NodeJS.ProcessEnv): string {
  return join(murmurHome(env), 'bin')
}

/**
 * Where Node keeps what it has compiled: processes start in half the time from the second one on. One entry for each file, so
 * it grows no further than the code.
 */
export function compileCache(env?: NodeJS.ProcessEnv): string {
  return join(murmurHome(env), 'compile-cache')
}
