import type { Command } from 'commander'
import { CliError } from '../cli-error.ts'
import type { Run } from './run.ts'

/** Commands that users of other systems look for, and what to do here instead. */
const INSTEAD: Readonly<Record<string, string>> = {
  pause:
    'Tasks are not paused: `murmur cancel ID` ends one and `murmur rerun ID` starts it anew; `murmur submit --delay 1h` begins later.',
  resume: 'Tasks are not paused, so none is resumed: `murmur rerun ID` runs one that has ended once more.',
}

/** They are not shown by --help, and answer with what there is. */
export function addAbsent(program: Command, run: Run): void {
  for (const [name, fix] of Object.entries(INSTEAD)) {
    program
      .command(name, { hidden: true })
      .argument('[words...]')
      .allowUnknownOption()
      .action(() =>
        run(async () => {
          throw new CliError('USAGE', `there is no command ${name}`, { fix })
        }),
      )
  }
}
