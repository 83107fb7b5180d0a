-- Finds the review item that an alert belongs to, or begins one; again, it finds the same.
--
-- KEYS[1] the camera's last item (string)   KEYS[2] items of the tenant by time (zset)   KEYS[3] incidents not closed (zset)
-- KEYS[4] the item that the alert was given (string)
-- ARGV[1] alert id   ARGV[2] item that it would begin   ARGV[3] item that it has, '' none yet
-- ARGV[4] begin (ms)   ARGV[5] end so far (ms)   ARGV[6] severity, 0 the highest   ARGV[7] when it was raised (ms)
-- ARGV[8] tenant   ARGV[9] camera   ARGV[10] '1' it is an incident
-- ARGV[11] gap within which it belongs to the last item (ms)   ARGV[12] longest item (ms)   ARGV[13] alerts of an item
-- ARGV[14] time to live (ms)   ARGV[15] items kept
-- ARGV[16] what keys of items begin with, ARGV[17] those of their alerts (all keys have one hash tag)
-- ARGV[18] how long an alert may come again without its item (ms)
--
-- Returns the item's id.
local at, ended, ttl = tonumber(ARGV[4]), tonumber(ARGV[5]), ARGV[14]
local last = redis.call('GET', KEYS[1])
local id = ARGV[3]
-- Given before a crash, and another item has begun since.
if id == '' then id = redis.call('GET', KEYS[4]) or '' end
if id == '' then
  id = ARGV[2]
  local key = last and ARGV[16] .. last
  local item = key and redis.call('HMGET', key, 'beganAtMs', 'endedAtMs', 'incident')
  if item and item[1] then
    local began = tonumber(item[1])
    local goesOn = item[3] and redis.call('ZSCORE', KEYS[3], item[3])
    local isNear = at >= began - ARGV[11] and (goesOn or at <= tonumber(item[2]) + ARGV[11])
    local hasRoom = at - began < tonumber(ARGV[12]) and redis.call('ZCARD', ARGV[17] .. last) < tonumber(ARGV[13])
    if redis.call('ZSCORE', ARGV[17] .. last, ARGV[1]) or (isNear and hasRoom) then id = last end
  end
end

local key, alerts = ARGV[16] .. id, ARGV[17] .. id
local was = redis.call('HMGET', key, 'beganAtMs', 'endedAtMs', 'severity', 'raisedAtMs')
local function set(field, value) redis.call('HSET', key, field, value) end
if not was[1] then redis.call('HSET', key, 'tenant', ARGV[8], 'camera', ARGV[9]) end
if not was[1] or at < tonumber(was[1]) then set('beganAtMs', ARGV[4]) end
if not was[2] or ended > tonumber(was[2]) then set('endedAtMs', ARGV[5]) end
if not was[3] or tonumber(ARGV[6]) < tonumber(was[3]) then set('severity', ARGV[6]) end
if not was[4] or tonumber(ARGV[7]) < tonumber(was[4]) then
  set('raisedAtMs', ARGV[7])
  redis.call('ZADD', KEYS[2], ARGV[7], id)
end
if ARGV[10] == '1' then set('incident', ARGV[1]) end
redis.call('ZADD', alerts, ARGV[7], ARGV[1])
redis.call('PEXPIRE', key, ttl)
redis.call('PEXPIRE', alerts, ttl)
if ARGV[3] == '' then redis.call('SET', KEYS[4], id, 'PX', ARGV[18]) end

-- One that comes late may have an item of its own before the last one.
local began = last and redis.call('HGET', ARGV[16] .. last, 'beganAtMs')
if not began or at >= tonumber(began) then redis.call('SET', KEYS[1], id, 'PX', ttl) end

redis.call('ZREMRANGEBYSCORE', KEYS[2], '-inf', tonumber(ARGV[7]) - tonumber(ttl))
local extra = redis.call('ZCARD', KEYS[2]) - tonumber(ARGV[15])
for _, old in ipairs(extra > 0 and redis.call('ZRANGE', KEYS[2], 0, extra - 1) or {}) do
  redis.call('DEL', ARGV[16] .. old, ARGV[17] .. old)
  redis.call('ZREM', KEYS[2], old)
end
return id
