/* What a process reads that gets its turn; otherwise, it reads the verdict. */
enum { GO_ON = 'g' };
