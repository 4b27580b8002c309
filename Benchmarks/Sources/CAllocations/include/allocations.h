#pragma once

/// How many blocks of memory this process has asked for since it began.
unsigned long allocation_count(void);
