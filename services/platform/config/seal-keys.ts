import { createTextSealer, type TextSealer } from '../secrets/sealed-text.ts'
import { type ConfigTable, type Environment, readConfig } from './read-config.ts'
import { sealKeys } from './variable-schemas.ts'

/** Settings of those who seal users of cameras, and of those who open them. */
export const SEAL_VARIABLES = {
  sealKeys: {
    name: 'MURMUR_SEAL_KEYS',
    meaning:
      'Keys that users and passwords of cameras are sealed with before a task is stored: `ID:BASE64` of 32 bytes each, separated by commas. The first seals, all of them open. The same for orchestrators and capture.',
    defaultNote: 'none: addresses with a password are refused',
    secret: true,
    mayBeFile: true,
    schema: sealKeys(),
  },
} as const satisfies ConfigTable

/** Undefined where there is no key. @throws MurmurError CONFIG_INVALID */
export function loadTextSealer(env?: Environment): TextSealer | undefined {
  const { sealKeys: keys } = readConfig(SEAL_VARIABLES, env)
  return keys && createTextSealer(keys)
}
