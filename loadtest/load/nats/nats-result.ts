import { TABLES_RESULT, type TablesResult } from '../evaluation/tables-schema.ts'
import type { Origin } from '../result-schema.ts'
import type { OwnShare } from './own-share.ts'
import type { BenchOutcome } from './run-bench.ts'

/** What was measured, as tables. Pure. */
export function natsResult(
  outcomes: readonly BenchOutcome[],
  { origin, versions, own }: { origin: Origin; versions: string; own?: OwnShare | undefined },
): TablesResult {
  const ms = (value: number | undefined) => (value === undefined ? '–' : value.toLocaleString('en'))
  const pipelined = outcomes.find(({ name }) => name.includes('pipelined'))?.figures?.messagesPerSecond
  return {
    schema: TABLES_RESULT,
    title: 'NATS alone, and our share of it',
    about: `\`nats bench\` on the subjects and streams of a running stack, one client, one row after the other (${versions}).`,
    origin,
    tables: [
      {
        columns: ['what', 'a second', 'MB/s', 'p50, ms', 'p99, ms'],
        rows: outcomes.map(({ name, figures, why }) =>
          figures
            ? [
                name,
                figures.messagesPerSecond.toLocaleString('en'),
                figures.megabytesPerSecond.toLocaleString('en'),
                ms(figures.p50Ms),
                ms(figures.p99Ms),
              ]
            : [name, `not measured: ${why}`, '–', '–', '–'],
        ),
      },
      ...(own
        ? [
            {
              columns: ['our own', 'measured'],
              rows: [
                ['three-step tasks a second, saturated', own.tasksPerSecond.toLocaleString('en')],
                ['messages stored for a task', own.storedPerTask],
                ['messages stored a second', own.storedPerSecond.toLocaleString('en')],
                ...(pipelined
                  ? [
                      [
                        'of what the pipelined row above stores',
                        `${((own.storedPerSecond / pipelined) * 100).toFixed(0)} %`,
                      ],
                    ]
                  : []),
              ],
            },
          ]
        : []),
    ],
    notes: ['Latencies are those that `nats bench` says: of a whole batch where operations are pipelined.'],
  }
}
