/*
 * The XNNPACK delegate's three calls that the crate tflitec uses.
 *
 * The options struct grows with each release of the library, which returns it
 * by value through memory of the caller. num_threads has been its first field
 * in all of them; the padding behind it is far larger than the struct has ever
 * been, so whatever the library writes stays inside and is handed back as is.
 */
#ifndef SMART_MIRROR_XNNPACK_DELEGATE_H_
#define SMART_MIRROR_XNNPACK_DELEGATE_H_

#include <stdint.h>

#include "tensorflow/lite/c/c_api.h"

typedef struct TfLiteXNNPackDelegateOptions {
  int32_t num_threads;
  uint64_t padding[64];
} TfLiteXNNPackDelegateOptions;

TfLiteXNNPackDelegateOptions TfLiteXNNPackDelegateOptionsDefault(void);
TfLiteDelegate *TfLiteXNNPackDelegateCreate(
    const TfLiteXNNPackDelegateOptions *options);
void TfLiteXNNPackDelegateDelete(TfLiteDelegate *delegate);

#endif
