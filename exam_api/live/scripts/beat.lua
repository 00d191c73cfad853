-- Say that calls are served. A gap since the last beat stays noted until it was credited.
-- KEYS[1] kw1:{sNN}:shard
-- ARGV[1] run id   ARGV[2] now_ms   ARGV[3] beginning of the gap that has been credited now, or empty
-- returns {from, to} of the gap to credit, else an empty list
local GAP_MS = 3000
local s = redis.call('HMGET', KEYS[1], 'run', 'beat', 'gap_from', 'gap_to')
if s[1] ~= ARGV[1] then
  return {}
end
if s[3] and s[3] == ARGV[3] then
  redis.call('HDEL', KEYS[1], 'gap_from', 'gap_to')
  s[3] = false
end
redis.call('HDEL', KEYS[1], 'stale')
local now, beat = tonumber(ARGV[2]), tonumber(s[2] or ARGV[2])
if not s[3] and now - beat > GAP_MS then
  redis.call('HSET', KEYS[1], 'gap_from', s[2], 'gap_to', ARGV[2])
  s[3], s[4] = s[2], ARGV[2]
end
if now >= beat then
  redis.call('HSET', KEYS[1], 'beat', ARGV[2])
end
return s[3] and { s[3], s[4] } or {}
