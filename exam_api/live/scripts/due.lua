-- Running attempts whose deadline, or held hand-in, lies before an instant; none while time is to be credited.
-- KEYS[1] kw1:{sNN}:deadlines
-- KEYS[2] kw1:{sNN}:shard
-- ARGV[1] run id   ARGV[2] instant, ms: now less the grace   ARGV[3] at most so many
-- returns ids; error UNREADY when the shard is not reconciled under that run id
local GAP_MS, GRACE_MS = 3000, 5000
local s = redis.call('HMGET', KEYS[2], 'run', 'beat', 'gap_from', 'stale')
if s[1] ~= ARGV[1] then
  return redis.error_reply('UNREADY under this run id')
end
if s[3] or s[4] or (s[2] and tonumber(ARGV[2]) + GRACE_MS - tonumber(s[2]) > GAP_MS) then
  return {}
end
return redis.call('ZRANGEBYSCORE', KEYS[1], '-inf', '(' .. ARGV[2], 'LIMIT', 0, ARGV[3])
