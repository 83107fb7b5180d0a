import type { Mix } from '../scenarios.ts'
import type { AnyActivity, World } from './action.ts'
import { failuresFor } from './failure-users.ts'
import { monitorUser } from './monitor-user.ts'
import { reportUser } from './report-user.ts'
import { statusUser } from './status-user.ts'
import { taskUser } from './task-user.ts'

/** Of a hundred activities so many are failures, beside the others. */
export const FAILURE_SHARE = 0.05

/** How often users do what, of those that are no failures. */
export const USER_MIX: readonly { readonly share: number; readonly activity: AnyActivity }[] = [
  { share: 0.5, activity: reportUser as AnyActivity },
  { share: 0.3, activity: monitorUser as AnyActivity },
  { share: 0.2, activity: statusUser as AnyActivity },
]

/** What a user does next. Pure but for the draws of its world; takes two or three. */
export function chooseActivity(mix: Mix, world: World, failureShare = FAILURE_SHARE): AnyActivity {
  if (mix === 'tasks') return taskUser as AnyActivity
  if (world.draw() < failureShare) {
    const failures = failuresFor(world)
    return failures[Math.floor(world.draw() * failures.length)]!
  }
  let left = world.draw()
  for (const { share, activity } of USER_MIX) {
    if (left < share) return activity
    left -= share
  }
  return USER_MIX[0]!.activity
}
