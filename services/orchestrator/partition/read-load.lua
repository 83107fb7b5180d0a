-- What is in flight in one partition, and as of which offset: read at once, so that both belong together.
--
-- KEYS[1] partition (hash: offset, ...)  KEYS[2] depth (hash: active tasks by type)  KEYS[3] tenants (the same by tenant)
-- KEYS[4] cameras (hash: number and tenant by task)      KEYS[5] steps (hash: number by agent, priority and which)
--
-- Returns the offset, then both counts of tasks as names and numbers in turn, then what each task holds of cameras, then the counts of steps.
return {
  redis.call('HGET', KEYS[1], 'offset') or '0',
  redis.call('HGETALL', KEYS[2]),
  redis.call('HGETALL', KEYS[3]),
  redis.call('HVALS', KEYS[4]),
  redis.call('HGETALL', KEYS[5]),
}
