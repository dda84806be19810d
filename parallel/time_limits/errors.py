from parallel.errors import ParallelError


class ClocksAlreadyStarted(ParallelError):
    code = "clocks_already_started"
    message = "这个办件已经开始计时。"


class ClocksNotRunning(ParallelError):
    code = "clocks_not_running"
    message = "这个办件没有在计时，不能暂停。"


class ClocksNotPaused(ParallelError):
    code = "clocks_not_paused"
    message = "这个办件没有暂停计时，不能恢复。"


class PauseReasonMissing(ParallelError):
    code = "pause_reason_missing"
    status = 422
    message = "暂停计时须写明特别程序和理由，并书面告知申请人（行政许可法第四十五条）。"
