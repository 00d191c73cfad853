-- Open the fence after the one that was seen, for a new writer; left alone when it moved. needs view
-- KEYS[1] kw1:{sNN}:a:<attempt>
-- KEYS[2] kw1:{sNN}:a:<attempt>:answers
-- KEYS[3] kw1:{sNN}:log
-- KEYS[4] kw1:{sNN}:shard
-- ARGV[1] run id   ARGV[2] seen fence   ARGV[3] now_ms   ARGV[4] storage key   ARGV[5] source
-- returns what view tells; error UNREADY when the shard is not reconciled under that run id
if redis.call('HGET', KEYS[4], 'run') ~= ARGV[1] then
  return redis.error_reply('UNREADY under this run id')
end
local h = redis.call('HMGET', KEYS[1], 'st', 'fence', 'seq', 'head', 'id', 'sid')
if (h[1] == 'running' or h[1] == 'paused') and h[2] == ARGV[2] then
  local fence = tonumber(h[2]) + 1
  leave_fence(KEYS[1], h[2], h[3], h[4])
  redis.call('HSET', KEYS[1], 'fence', fence, 'seq', 0, 'head', '', 'key', ARGV[4], 'seen', ARGV[3],
    'src', ARGV[5], 'src2', '', 'srcn', 0, 'asked', 0)
  say(KEYS[3], 'fence', h[5], h[6], ARGV[3], fence, 0,
    cjson.encode({ storage_key = ARGV[4], source = ARGV[5] }))
end
return view(KEYS[1], KEYS[2])
