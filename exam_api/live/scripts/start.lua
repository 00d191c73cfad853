-- Ready → running under fence 1; anything else stays as it is. Safe to resend. needs view
-- KEYS[1] kw1:{sNN}:a:<attempt>
-- KEYS[2] kw1:{sNN}:a:<attempt>:answers
-- KEYS[3] kw1:{sNN}:log
-- KEYS[4] kw1:{sNN}:deadlines
-- KEYS[5] kw1:{sNN}:shard
-- ARGV[1] run id   ARGV[2] now_ms   ARGV[3] deadline_ms   ARGV[4] storage key   ARGV[5] source
-- returns what view tells; error UNREADY when the shard is not reconciled under that run id
if redis.call('HGET', KEYS[5], 'run') ~= ARGV[1] then
  return redis.error_reply('UNREADY under this run id')
end
local h = redis.call('HMGET', KEYS[1], 'st', 'id', 'sid', 'slots', 'dies')
if h[1] == 'ready' then
  redis.call('HSET', KEYS[1], 'st', 'running', 'fence', 1, 'key', ARGV[4], 'start', ARGV[2], 'end', ARGV[3],
    'seen', ARGV[2], 'src', ARGV[5])
  redis.call('SET', KEYS[2], string.rep('\0', 4 * tonumber(h[4])))
  redis.call('PEXPIREAT', KEYS[2], h[5])
  redis.call('ZADD', KEYS[4], ARGV[3], h[2])
  say(KEYS[3], 'start', h[2], h[3], ARGV[2], 1, 0,
    cjson.encode({ deadline_ms = tonumber(ARGV[3]), storage_key = ARGV[4], source = ARGV[5] }))
end
return view(KEYS[1], KEYS[2])
