-- SPDX-License-Identifier: Apache-2.0
--
-- Figures, configuration, instances, the shared present; and the list of all functions.

-- ---- where things stand ----

-- KEYS: a partition's base. Answers the figures of struct store_stats in its order.
local function stats(keys)
    local base = keys[1]
    local streams = { 'events', 'outbox', 'receipts', 'journal' }
    local sets = { 'timers', 'claims', 'mail-due', 'mail-claims' }
    for _, name in ipairs(streams) do
        local wrong = wrong_type(base .. name, 'stream')
        if wrong then
            return wrong
        end
    end
    for _, name in ipairs(sets) do
        local wrong = wrong_type(base .. name, 'zset')
        if wrong then
            return wrong
        end
    end
    return {
        redis.call('XLEN', base .. 'events'),
        redis.call('XLEN', base .. 'outbox'),
        redis.call('XLEN', base .. 'receipts'),
        redis.call('ZCARD', base .. 'timers'),
        next_score(base .. 'timers'),
        redis.call('ZCARD', base .. 'claims'),
        redis.call('ZCARD', base .. 'mail-due'),
        next_score(base .. 'mail-due'),
        redis.call('ZCARD', base .. 'mail-claims'),
        redis.call('XLEN', base .. 'journal'),
        journal_end(base),
    }
end

-- ---- configuration, instances, the shared present ----

-- KEYS: nrt:config, base of partition 0. ARGV: base version, bundle, facts, channel to tell.
-- Answers {1 when applied, the version that now is newest}.
local function config_apply(keys, args)
    local wrong = wrong_types({ keys[1], 'hash', keys[2] .. 'journal', 'stream' })
    if wrong then
        return wrong
    end
    local newest = tonumber(redis.call('HGET', keys[1], 'version') or '0')
    if not newest then
        return bad_data(keys[1])
    end
    if newest ~= tonumber(args[1]) then
        return { 0, newest }
    end
    local version = whole(newest + 1)
    redis.call('HSET', keys[1], version, args[2], 'version', version)
    if args[3] ~= '' then
        journal_write(keys[2], { args[3] })
    end
    redis.call('PUBLISH', args[4], version)
    return { 1, newest + 1 }
end

-- KEYS: nrt:config. ARGV: version, what it holds, what to hold instead. Answers 1 when changed.
local function config_replace(keys, args)
    local wrong = wrong_type(keys[1], 'hash')
    if wrong then
        return wrong
    end
    if not tonumber(args[1]) or args[3] == '' then
        return argument_error('a version without a number or a text')
    end
    if redis.call('HGET', keys[1], args[1]) ~= args[2] then
        return 0
    end
    redis.call('HSET', keys[1], args[1], args[3])
    return 1
end

-- KEYS: nrt:config. ARGV: version, '0' for the newest. Answers {version, bundle or nil}.
local function config_read(keys, args)
    local wrong = wrong_type(keys[1], 'hash')
    if wrong then
        return wrong
    end
    local version = args[1]
    if version == '0' then
        version = redis.call('HGET', keys[1], 'version') or '0'
    end
    return { tonumber(version), redis.call('HGET', keys[1], version) }
end

-- KEYS: nrt:instances, nrt:instance:NAME. ARGV: name, heartbeat, its life in ms.
local function beat(keys, args)
    local wrong = wrong_types({ keys[1], 'zset', keys[2], 'string' })
    if wrong then
        return wrong
    end
    local now = real_ms()
    redis.call('SET', keys[2], args[2], 'PX', args[3])
    redis.call('ZREMRANGEBYSCORE', keys[1], '-inf', whole(now - DAY_MS))
    redis.call('ZADD', keys[1], whole(now), args[1])
    return redis.status_reply('OK')
end

-- KEYS: nrt:clock, then the streams of events in the order of partitions. ARGV: now ms, channel
-- to tell, then for each event the number of its stream in KEYS, arrived ms, body. The present
-- never goes back. Answers the events' positions.
local function clock_move(keys, args)
    local wrong = wrong_type(keys[1], 'string')
    for i = 2, #keys do
        wrong = wrong or wrong_type(keys[i], 'stream')
    end
    for at = 3, #args, 3 do
        if not keys[tonumber(args[at]) or 0] then
            wrong = wrong or argument_error('an event of no partition')
        end
    end
    if wrong then
        return wrong
    end
    local positions = {}
    for at = 3, #args, 3 do
        positions[#positions + 1] = redis.call(
            'XADD', keys[tonumber(args[at])], '*', 'at', args[at + 1], 'ce', args[at + 2])
    end
    local before = tonumber(redis.call('GET', keys[1]) or '0') or 0
    if tonumber(args[1]) > before then
        redis.call('SET', keys[1], args[1])
    end
    redis.call('PUBLISH', args[2], redis.call('GET', keys[1]) or args[1])
    return positions
end

redis.register_function('nrt1_meta', meta)
redis.register_function('nrt1_open', open)
redis.register_function('nrt1_add', add)
redis.register_function('nrt1_recover', recover)
-- What only deletes may run when memory is out: it is what makes room.
redis.register_function({ function_name = 'nrt1_ack', callback = ack, flags = { 'allow-oom' } })
redis.register_function({
    function_name = 'nrt1_settled', callback = settled, flags = { 'no-writes' } })
redis.register_function('nrt1_journal_add', journal_add)
redis.register_function('nrt1_commit', commit)
redis.register_function('nrt1_claim', claim)
redis.register_function('nrt1_mail_put', mail_put)
redis.register_function('nrt1_mail_claim', mail_claim)
redis.register_function('nrt1_mail_mark', mail_mark)
redis.register_function('nrt1_mail_settle', mail_settle)
redis.register_function({
    function_name = 'nrt1_stats', callback = stats, flags = { 'no-writes' } })
redis.register_function('nrt1_config_apply', config_apply)
redis.register_function('nrt1_config_replace', config_replace)
redis.register_function({
    function_name = 'nrt1_config_read', callback = config_read, flags = { 'no-writes' } })
redis.register_function('nrt1_beat', beat)
redis.register_function('nrt1_clock_move', clock_move)
