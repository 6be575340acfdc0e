#define ASSUME_ERROR(call, error) assume(#call, (long)(call) == -1 && errno == (error))
