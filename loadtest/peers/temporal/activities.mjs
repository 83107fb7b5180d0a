import { heartbeat } from '@temporalio/activity'
import { passOn } from './line-protocol.ts'

const activity = (step) => (data) => passOn(step, data, () => heartbeat())
export const a = activity('a')
export const b = activity('b')
export const c = activity('c')
