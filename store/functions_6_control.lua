-- SPDX-License-Identifier: Apache-2.0
--
-- Whether messages may go out: one text for the whole service, with a revision.

-- KEYS: nrt:control. Answers {revision, text}, {0, ''} when nothing was ever written.
local function control_read(keys)
    local wrong = wrong_type(keys[1], 'hash')
    if wrong then
        return wrong
    end
    return {
        tonumber(redis.call('HGET', keys[1], 'revision') or '0') or 0,
        redis.call('HGET', keys[1], 'text') or '',
    }
end

-- KEYS: nrt:control, base of partition 0. ARGV: the revision it is made from, text, facts.
-- Answers {1 when written, the revision that now is newest}.
local function control_write(keys, args)
    local wrong = wrong_types({ keys[1], 'hash', keys[2] .. 'journal', 'stream' })
    if wrong then
        return wrong
    end
    local newest = tonumber(redis.call('HGET', keys[1], 'revision') or '0')
    if not newest then
        return bad_data(keys[1])
    end
    if newest ~= tonumber(args[1]) then
        return { 0, newest }
    end
    redis.call('HSET', keys[1], 'revision', whole(newest + 1), 'text', args[2])
    if args[3] ~= '' then
        journal_write(keys[2], { args[3] })
    end
    return { 1, newest + 1 }
end

-- KEYS: a partition's base. ARGV: now ms, max. Waiting messages that would be ready later are
-- ready now; whoever claims them asks again whether they may go. Answers how many there were.
local function mail_wake(keys, args)
    local waiting = keys[1] .. 'mail-due'
    local wrong = wrong_type(waiting, 'zset')
    if wrong then
        return wrong
    end
    local found = redis.call(
        'ZRANGEBYSCORE', waiting, '(' .. args[1], '+inf', 'LIMIT', 0, args[2])
    for _, member in ipairs(found) do
        redis.call('ZADD', waiting, args[1], member)
    end
    return #found
end

redis.register_function({
    function_name = 'nrt1_control_read', callback = control_read, flags = { 'no-writes' } })
redis.register_function('nrt1_control_write', control_write)
redis.register_function('nrt1_mail_wake', mail_wake)
