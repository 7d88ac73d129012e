/* Empty on purpose: everything tflitec calls is declared in tensorflow/lite/c/c_api.h. */
