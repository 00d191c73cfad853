-- Log a picture whose bytes are kept already, if it may be kept now: begin and keep in one. Safe to resend. needs verdict
-- KEYS[1] kw1:{sNN}:a:<attempt>
-- KEYS[2] kw1:{sNN}:shard
-- KEYS[3] kw1:{sNN}:log
-- ARGV[1] run id   ARGV[2] fence   ARGV[3] now_ms   ARGV[4] least ms between two   ARGV[5] digest
-- ARGV[6] the snapshot as JSON
-- returns {go}, and only then it is in the log; else as snapshot_begin
local no, _, _, sid, id = verdict(KEYS[1], KEYS[2], ARGV)
if no then
  return no
end
redis.call('HSET', KEYS[1], 'shot', ARGV[3], 'shot_of', ARGV[5], 'shot_kept', ARGV[5])
redis.call('XADD', KEYS[3], '*', 'k', 'snapshot', 'a', id, 's', sid, 't', ARGV[3], 'f', ARGV[2], 'b', 0, 'd', ARGV[6])
return { 'go' }
