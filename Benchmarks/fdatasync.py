"""How quickly this disk can say that 1 KB is safe: the floor under every durable figure."""
import os, time


def syncs_a_second(folder, seconds=1.0):
    path = os.path.join(folder, "fdatasync")
    block = os.urandom(1024)
    file = os.open(path, os.O_CREAT | os.O_WRONLY | os.O_TRUNC)
    count, start = 0, time.monotonic()
    while time.monotonic() - start < seconds:
        os.write(file, block)
        os.fdatasync(file)
        count += 1
    seconds = time.monotonic() - start
    os.close(file)
    os.unlink(path)
    return count / seconds
