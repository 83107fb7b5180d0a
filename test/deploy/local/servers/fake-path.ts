import { chmodSync } from 'node:fs'
import { join } from 'node:path'

/** A program that prints one line. */
export const says = (text: string) => `#!/bin/sh\necho '${text}'\n`

/** A folder of executable scripts, as one entry of PATH. */
export function fakePath(
  t: { testdir(content: Record<string, string>): string },
  programs: Record<string, string>,
): string {
  const folder = t.testdir(programs)
  for (const name of Object.keys(programs)) chmodSync(join(folder, name), 0o755)
  return folder
}
