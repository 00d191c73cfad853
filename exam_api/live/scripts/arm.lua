-- Put an attempt there as ready. One that is there stays; a lost paper is put again. Safe to resend. needs view
-- KEYS[1] kw1:{sNN}:a:<attempt>
-- KEYS[2] kw1:{sNN}:a:<attempt>:paper
-- KEYS[3] kw1:{sNN}:x:<session>
-- ARGV[1] attempt   ARGV[2] session   ARGV[3] meta   ARGV[4] paper   ARGV[5] slots   ARGV[6] hold 1|0
-- ARGV[7] earliest hand-in after the start, ms   ARGV[8] instant at which the keys die, ms
-- returns 1 when new, 0 when it was there
local dies = dies_at(ARGV[8])
redis.call('SADD', KEYS[3], ARGV[1])
redis.call('PEXPIREAT', KEYS[3], dies)
if #ARGV[4] > 0 and redis.call('EXISTS', KEYS[2]) == 0 then
  redis.call('SET', KEYS[2], ARGV[4])
  redis.call('PEXPIREAT', KEYS[2], dies)
end
if redis.call('EXISTS', KEYS[1]) == 1 then
  return 0
end
redis.call('HSET', KEYS[1], 'id', ARGV[1], 'sid', ARGV[2], 'meta', ARGV[3], 'slots', ARGV[5], 'hold', ARGV[6],
  'early', ARGV[7], 'dies', dies, 'st', 'ready', 'fence', 0, 'seq', 0, 'head', '', 'key', '', 'start', 0,
  'end', 0, 'pause', 0, 'hin', 0, 'closed', 0, 'kind', '', 'seen', 0, 'late', 0, 'side', 0, 'cmds', 0,
  'result', '', 'durable', 0)
redis.call('PEXPIREAT', KEYS[1], dies)
return 1
