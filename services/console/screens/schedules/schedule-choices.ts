import type { CatchUpPolicy, OverlapPolicy } from '#schemas/schedule.ts'

/** What happens while the last task of a schedule runs, in words. */
export const OVERLAP: Readonly<Record<OverlapPolicy, string>> = {
  skip: 'the next one is left out',
  queue: 'one waits until it has ended',
  'cancel-running': 'it is cancelled, and the next one starts',
  allow: 'they run side by side',
}

/** What happens to runs that nobody started in time, in words. */
export const CATCH_UP: Readonly<Record<CatchUpPolicy, string>> = {
  skip: 'they are left out',
  latest: 'the newest one is started',
  all: 'all of them are started',
}
