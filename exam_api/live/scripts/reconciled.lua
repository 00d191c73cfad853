-- The shard's facts are re-applied: it serves under this run id. Expiry waits for the next beat to credit the gap.
-- KEYS[1] kw1:{sNN}:shard
-- ARGV[1] run id
-- returns 1
if redis.call('HEXISTS', KEYS[1], 'beat') == 1 then
  redis.call('HSET', KEYS[1], 'stale', 1)
end
redis.call('HSET', KEYS[1], 'run', ARGV[1])
return 1
