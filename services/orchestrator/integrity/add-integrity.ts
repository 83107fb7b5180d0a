import { RedisLockStore } from '#platform/redis/redis-lock-store.ts'
import type { Base } from '../base.ts'
import { AUDIT_SETTINGS, IntegrityAuditor } from './integrity-auditor.ts'

/** Adds the audit of the log. */
export function addIntegrity({
  lifecycle,
  bus,
  redis,
  store,
  clock,
  config,
  tokens,
  metrics,
  log,
}: Base): void {
  const { instance, keepFinishedMs } = config
  lifecycle.add(
    new IntegrityAuditor({
      ...{ bus, redis, store, clock, instance, metrics, log, settings: AUDIT_SETTINGS },
      locks: new RedisLockStore(redis),
      fold: { keepFinishedMs, isProven: tokens?.isProven.bind(tokens) },
    }),
  )
}
